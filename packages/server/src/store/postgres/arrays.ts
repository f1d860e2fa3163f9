import type { ColumnType } from '../plan/effects.ts';
import { encodeJson, encodeText } from './characters.ts';

type Value = string | number | null;

/** One column of rows as PostgreSQL's text form of an array. */
export function arrayOf(rows: readonly object[], column: string, type: ColumnType): string {
  if (rows.length === 0) return '{}';
  const values = rows.map((row) => (row as Record<string, Value>)[column] as Value);
  if (type === 'text') return `{${values.map(element).join()}}`;
  if (type === 'json') return jsonElements(values);
  if (type === 'topics') return jsonElements(values.map((value) => encodedTopics(String(value))));
  return `{${values.map(String).join()}}`;
}

function element(value: Value): string {
  if (typeof value !== 'string') return 'null';
  const text = encodeText(value);
  return `"${text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

/** Texts that are JSON: what has no control characters is escaped alike in JSON and in an array, only faster. */
const jsonElements = (values: readonly Value[]): string => `{${JSON.stringify(values).slice(1, -1)}}`;

/** PostgreSQL looks into the JSON of topics. */
const encodedTopics = (json: string): string => (json.includes('\\u') ? encodeJson(JSON.parse(json)) : json);
