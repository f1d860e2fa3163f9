import { h } from './dom.js';
import { formatCents, formatCount, plural } from './format.js';

/**
 * @typedef {{ line: number, column: string | null, message: string }} Problem
 * @typedef {{ journals: number, lines: number, totalCents: number, currency: string }} Summary
 * @typedef {{ columns: string[], rows: { line: number, values: string[] }[], row_count: number, summary: Summary | null,
 *   problems: Problem[] }} Preview as `POST /transfers/check` answers it
 */

/**
 * Shows what is in a file: its figures or what is wrong with it, and its lines.
 *
 * @param {HTMLElement} place
 * @param {string} name
 * @param {Preview} preview
 */
export function showPreview(place, name, preview) {
  const { rows, row_count, summary, problems } = preview;
  const more = row_count - rows.length;
  place.replaceChildren(
    h('h3', {}, name),
    summary ? figures(summary) : problemList(problems, `${plural(problems.length, 'problem')} in this file`, true),
    ...(rows.length > 0
      ? [
          h(
            'div',
            { class: 'scroller', tabIndex: 0, role: 'region', 'aria-label': 'Lines of the file' },
            table(preview),
          ),
        ]
      : []),
    ...(more > 0 ? [h('p', { class: 'quiet small' }, `and ${plural(more, 'more line')}`)] : []),
  );
}

/** @param {Summary} summary */
function figures({ lines, journals, totalCents, currency }) {
  /** @type {[string, string][]} */
  const pairs = [
    ['Lines', formatCount(lines)],
    ['Journals', formatCount(journals)],
    [`Moved, ${currency}`, formatCents(totalCents)],
  ];
  return h(
    'dl',
    { class: 'figures' },
    ...pairs.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
  );
}

/**
 * Problems by line and column, under a title that folds them away.
 *
 * @param {Problem[]} problems
 * @param {string} title
 * @param {boolean} open
 */
export function problemList(problems, title, open) {
  return h(
    'details',
    { class: 'problems', open },
    h('summary', { class: 'problems-title' }, title),
    h(
      'ol',
      { role: 'list' },
      ...problems.map(({ line, column, message }) =>
        h(
          'li',
          {},
          h('span', { class: 'place' }, `Line ${line}`, column ? h('code', {}, column) : null),
          h('span', {}, message),
        ),
      ),
    ),
  );
}

/** Columns of the preview's table: heading, class, and its text from the values of a line by column. */
/** @type {[string, string, (value: (column: string) => string) => string, string[]][]} */
const shown = [
  ['Journal', 'nowrap', (value) => value('journal'), ['journal', 'line']],
  ['Date', 'nowrap', (value) => value('accounting_date'), ['accounting_date', 'period']],
  [
    'Account',
    'nowrap',
    (value) => ['company', 'cost_center', 'account'].map(value).join('-'),
    ['company', 'cost_center', 'account'],
  ],
  ['Debit', 'amount', (value) => money(value('entered_debit')), ['entered_debit']],
  ['Credit', 'amount', (value) => money(value('entered_credit')), ['entered_credit']],
  ['Description', 'text', (value) => value('description'), ['description']],
];

/** @param {string} text */
const money = (text) => (/^\d+(\.\d{1,2})?$/.test(text) ? formatCents(Math.round(Number(text) * 100)) : text);

/** @param {Preview} preview */
function table({ columns, rows, problems }) {
  const byLine = Map.groupBy(problems, ({ line }) => line);
  return h(
    'table',
    {},
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        h('th', { class: 'amount', scope: 'col' }, 'Line'),
        ...shown.map(([title, kind]) => h('th', { class: kind, scope: 'col' }, title)),
      ),
    ),
    h(
      'tbody',
      {},
      ...rows.map(({ line, values }) => {
        const found = byLine.get(line) ?? [];
        const wrong = new Set(found.map(({ column }) => column));
        const value = (/** @type {string} */ column) => values[columns.indexOf(column)] ?? '';
        return h(
          'tr',
          { class: found.length > 0 ? 'wrong' : '', title: found.map(({ message }) => message).join('\n') },
          h('td', { class: 'amount quiet' }, String(line)),
          ...shown.map(([, kind, text, of]) =>
            h('td', { class: `${kind} ${of.some((column) => wrong.has(column)) ? 'marked' : ''}` }, text(value)),
          ),
        );
      }),
    ),
  );
}
