/** The weights of the first ten digits; the eleventh is a check digit, as in Peru's RUC. */
const weights = [5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

/** The check digit of ten digits. */
export function checkDigit(digits: string): string {
  const sum = weights.reduce((total, weight, i) => total + weight * Number(digits[i]), 0);
  return String((11 - (sum % 11)) % 10);
}

/** The reason why a text is no tax id; null for one that is. */
export function taxIdFault(text: string): string | null {
  if (!/^\d{11}$/.test(text)) return 'the tax id must be 11 digits';
  return checkDigit(text) === text[10] ? null : 'the check digit of the tax id is wrong';
}
