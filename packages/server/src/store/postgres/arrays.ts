import type { ColumnType } from '../plan/effects.ts';
import { encodeJson, encodeText } from './characters.ts';

type Value = string | number | null;

/** One column of rows as PostgreSQL's text form of an array. */
export function arrayOf(rows: readonly object[], column: string, type: ColumnType): string {
  if (rows.length === 0) return '{}';
  const values = rows.map((row) => (row as Record<string, Value>)[column] as Value);
  const json = JSON.stringify(type === 'topics' ? values.map((value) => encodedTopics(String(value))) : values);
  // JSON writes all else as an array does: numbers, nulls, and texts without anything to escape, or with JSON in them.
  if (type === 'text' && json.includes('\\')) return `{${values.map(element).join()}}`;
  return `{${json.slice(1, -1)}}`;
}

function element(value: Value): string {
  if (typeof value !== 'string') return 'null';
  const text = encodeText(value);
  return `"${text.includes('"') || text.includes('\\') ? text.replace(/["\\]/g, '\\$&') : text}"`;
}

/** PostgreSQL looks into the JSON of topics. */
const encodedTopics = (json: string): string => (json.includes('\\u') ? encodeJson(JSON.parse(json)) : json);
