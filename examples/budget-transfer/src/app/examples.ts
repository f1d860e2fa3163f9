import { readFile } from 'node:fs/promises';
import { Refusal } from './http.ts';

/** A file that comes with the demo. */
export interface Example {
  readonly fileName: string;
  readonly title: string;
  readonly about: string;
}

export const examples: readonly Example[] = [
  { fileName: 'budget-transfers.csv', title: 'November transfers', about: 'Ready to post' },
  { fileName: 'budget-transfers-year-end.csv', title: 'Year-end reserve', about: 'Needs an approver' },
  { fileName: 'budget-transfers-with-mistakes.csv', title: 'With mistakes', about: 'Our checks refuse it' },
  { fileName: 'budget-transfers-erp-rejects.csv', title: 'Closed accounts', about: 'The ERP rejects lines' },
];

/** Throws Refusal 404 if no example has this name. */
export async function readExample(fileName: string): Promise<Uint8Array> {
  if (!examples.some((example) => example.fileName === fileName)) {
    const names = examples.map((example) => example.fileName).join(', ');
    throw new Refusal(404, `There is no example "${fileName}": take one of ${names}.`);
  }
  return readFile(new URL(`../../data/${fileName}`, import.meta.url));
}
