/** The set-up that a finance administrator makes in the ERP. Ids look like Oracle's. */
export const simulatedLedger = {
  ledgerId: '300000046975971',
  ledgerName: 'US Primary Ledger',
  dataAccessSetId: '300000046975980',
  journalSource: 'Spreadsheet',
  journalCategory: 'Budget Transfer',
  autoPostCriteriaSetId: '300000130848017',
  documentAccount: 'fin$/generalLedger$/import$',
} as const;

const ledgerCurrency = 'USD';

/** Months whose period is open, as `YYYY-MM`. */
const openMonths: ReadonlySet<string> = new Set(['2026-11', '2026-12']);

const companies: ReadonlySet<string> = new Set(['101', '102', '103']);

const costCenters: ReadonlySet<string> = new Set([
  '1100', // Executive Office
  '2100', // Finance
  '2200', // Treasury
  '3100', // Engineering
  '3200', // Quality
  '3300', // IT Operations
  '4100', // Marketing
  '4200', // Sales North America
  '4300', // Sales EMEA
  '4400', // Customer Success
  '5100', // Human Resources
  '5200', // Recruiting
  '6100', // Facilities
  '6200', // Legal
]);

/** Trade Fairs, closed at the end of 2025. */
const disabledCostCenter = '4990';

const accounts: ReadonlySet<string> = new Set([
  '60110', // Salaries
  '60150', // Contractors
  '61200', // Travel
  '61300', // Training
  '62100', // Software licenses
  '62200', // Hardware
  '62300', // Cloud hosting
  '63100', // Advertising
  '63200', // Events
  '64100', // Consulting
  '64200', // Legal fees
  '65200', // Utilities
  '66100', // Office supplies
]);

/** Personnel, a parent that only sums its children. */
const summaryAccount = '60000';
/** Fax and telex, ended in October 2026. */
const endedAccount = { value: '66900', lastDate: '2026/10/31' };

/** Why a line is turned down: one of Oracle's codes and its text. */
export interface Rejection {
  readonly code: 'EP01' | 'EF01' | 'EF02' | 'EF03' | 'EF04' | 'EC03';
  readonly text: string;
}

export interface AccountedLine {
  readonly company: string;
  readonly costCenter: string;
  readonly account: string;
  readonly currency: string;
  /** `YYYY/MM/DD`. */
  readonly date: string;
}

/** All reasons for which the ledger turns a line down; none for a good one. */
export function rejectionsOf(line: AccountedLine): Rejection[] {
  const { company, costCenter, account, currency, date } = line;
  const rejections: Rejection[] = [];
  if (!openMonths.has(date.slice(0, 7).replace('/', '-'))) {
    rejections.push({ code: 'EP01', text: `The date ${date} is not in an open or future enterable period.` });
  }
  if (account === endedAccount.value && date > endedAccount.lastDate) {
    rejections.push({ code: 'EF01', text: `The account is disabled for the accounting date ${date}.` });
  }
  if (account === summaryAccount) {
    rejections.push({ code: 'EF02', text: `Detail posting is not allowed to account ${account}.` });
  }
  if (costCenter === disabledCostCenter) {
    rejections.push({ code: 'EF03', text: `The account is disabled: cost center ${costCenter} is no longer in use.` });
  }
  const unknown = [
    companies.has(company) ? '' : `company ${company}`,
    costCenters.has(costCenter) || costCenter === disabledCostCenter ? '' : `cost center ${costCenter}`,
    accounts.has(account) || account === summaryAccount || account === endedAccount.value ? '' : `account ${account}`,
  ].filter((name) => name !== '');
  if (unknown.length > 0) {
    rejections.push({ code: 'EF04', text: `Segment values are invalid: ${unknown.join(', ')}.` });
  }
  if (currency !== ledgerCurrency) {
    const text = `A conversion rate type or an accounted amount must be supplied for the foreign currency ${currency}.`;
    rejections.push({ code: 'EC03', text });
  }
  return rejections;
}
