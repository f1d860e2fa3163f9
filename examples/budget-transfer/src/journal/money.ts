export type DecimalMark = '.' | ',';

const patterns: Record<DecimalMark, RegExp> = {
  '.': /^(\d{1,10})(?:\.(\d{1,2}))?$/,
  ',': /^(\d{1,10})(?:[.,](\d{1,2}))?$/,
};

/**
 * Reads an unsigned amount of at most ten digits before and two after the decimal mark into integer cents.
 * Undefined when the text is anything else: thousands separators and signs are refused, never guessed at.
 */
export function parseCents(text: string, decimalMark: DecimalMark): number | undefined {
  const match = patterns[decimalMark].exec(text);
  if (!match) return undefined;
  const [, whole = '0', fraction = ''] = match;
  return Number(whole) * 100 + Number(fraction.padEnd(2, '0'));
}

/** `1250050` becomes `12500.50`, the form Oracle's journal file wants. */
export function formatCents(cents: number): string {
  const absolute = Math.abs(cents);
  const whole = Math.trunc(absolute / 100);
  const fraction = String(absolute % 100).padStart(2, '0');
  return `${cents < 0 ? '-' : ''}${whole}.${fraction}`;
}
