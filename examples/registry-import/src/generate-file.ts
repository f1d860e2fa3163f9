import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { checkDigit } from './tax-id.ts';
import { header } from './taxpayer.ts';

/** The number of lines of each kind in a generated file. */
export interface Generated {
  lines: number;
  taxpayers: number;
  errors: number;
  empty: number;
}

/** Writes a registry of so many lines, the same for the same seed: one line in a hundred is bad, and some are empty. */
export async function generateFile(file: string, lines: number, seed: number): Promise<Generated> {
  const made: Generated = { lines, taxpayers: 0, errors: 0, empty: 0 };
  const random = randomOf(seed);
  const output = createWriteStream(file);
  output.write(`\uFEFF${header}\r\n`);
  for (let line = 1; line <= lines; line++) {
    const [kind, text] = lineOf(line, random);
    made[kind]++;
    // Files that several programs have written end their lines in several ways.
    if (!output.write(`${text}${random() < 0.5 ? '\r\n' : '\n'}`)) await once(output, 'drain');
  }
  output.end();
  await finished(output);
  return made;
}

type Kind = 'taxpayers' | 'errors' | 'empty';

function lineOf(line: number, random: () => number): [Kind, string] {
  const share = random();
  if (share < 0.003) return ['empty', random() < 0.5 ? '' : '   '];
  const fields = fieldsOf(line, random);
  if (share >= 0.013 || line === 1) return ['taxpayers', fields.map(quoted).join(';')];
  const bad = faults[Math.floor(random() * faults.length)] as (fields: string[]) => string;
  return ['errors', bad(fields)];
}

/** The ways in which a line is bad. */
const faults: ((fields: string[]) => string)[] = [
  (fields) => fields.slice(0, 3).map(quoted).join(';'),
  (fields) => [...fields, 'one', 'two'].map(quoted).join(';'),
  ([id = '', ...rest]) => [`${id.slice(0, 10)}${(Number(id[10]) + 1) % 10}`, ...rest].map(quoted).join(';'),
  ([, ...rest]) => ['20ABC', ...rest].map(quoted).join(';'),
  ([id, name, ...rest]) => [id, `"${name}`, ...rest].join(';'),
  ([id, , ...rest]) => [id, '', ...rest].join(';'),
  ([id, name, , ...rest]) => [id, name, 'unknown', ...rest].map((field) => quoted(field ?? '')).join(';'),
  (fields) => [...fields.slice(0, 4), '2019-02-30'].map(quoted).join(';'),
  // A key that stands in the first line already.
  ([, ...rest]) => [taxIdOf(1), ...rest].map(quoted).join(';'),
];

const quoted = (field: string): string => (/[;"]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** The tax id of a line. */
function taxIdOf(line: number): string {
  const digits = `20${String(line).padStart(8, '0')}`;
  return `${digits}${checkDigit(digits)}`;
}

const first = ['Andina', 'Pacífico', 'San Martín', 'El Sol', 'Müller', 'Ñandú', 'Costa', 'Norte'];
const second = ['Comercial', 'Transportes', 'Servicios', '"La Única" Importaciones', 'Textil', 'Minera; Oro'];
const forms = ['S.A.', 'S.A.C.', 'E.I.R.L.', 'S.R.L.'];
const regions = ['Lima', 'Cusco', 'Arequipa', 'Piura', 'Loreto', 'Áncash'];
const statuses = ['active', 'active', 'active', 'active', 'suspended', 'closed'];

function fieldsOf(line: number, random: () => number): string[] {
  const pick = (from: string[]): string => from[Math.floor(random() * from.length)] as string;
  const day = new Date(Date.UTC(1995, 0, 1 + Math.floor(random() * 10_000))).toISOString().slice(0, 10);
  return [taxIdOf(line), `${pick(second)} ${pick(first)} ${pick(forms)}`, pick(statuses), pick(regions), day];
}

/** Numbers from 0 to 1 (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
