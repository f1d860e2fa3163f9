import { expect, it } from 'vitest';
import { readTaxpayer } from './taxpayer.ts';

const id = '20131312955'; // A RUC that is public: the tax authority's own.

it('reads a line, with quotes', () => {
  expect(readTaxpayer(`${id};"""La Única""; S.A.";active;Lima;2019-03-31`)).toEqual({
    ...{ taxId: id, name: '"La Única"; S.A.', status: 'active', region: 'Lima', registeredOn: '2019-03-31' },
  });
});

it.each([
  [`${id};A;active;Lima`, '5 columns are expected, and there are 4'],
  [`${id};A;active;Lima;2019-03-31;x`, '5 columns are expected, and there are 6'],
  ['20131312956;A;active;Lima;2019-03-31', 'the check digit of the tax id is wrong'],
  ['2013131295;A;active;Lima;2019-03-31', 'the tax id must be 11 digits'],
  [`${id};;active;Lima;2019-03-31`, 'the name is missing'],
  [`${id};A;open;Lima;2019-03-31`, 'the status must be one of active, suspended, closed'],
  [`${id};A;active;Lima;2019-02-30`, 'the day of registration must be a date as 2019-03-31'],
  [`${id};"A;active;Lima;2019-03-31`, 'a quote is not closed, or stands where none may be'],
  [`${id};A "B";active;Lima;2019-03-31`, 'a quote is not closed, or stands where none may be'],
])('%s is refused', (line, reason) => {
  expect(readTaxpayer(line)).toBe(reason);
});
