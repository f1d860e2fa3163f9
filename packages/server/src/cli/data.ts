import { TidingsError } from '@tidings/protocol';

/** Reads `--data`. Throws `bad_request` for what is no JSON object. */
export async function parseData(text: string | undefined): Promise<Record<string, unknown> | undefined> {
  if (text === undefined) return undefined;
  const value = parseObject(text);
  // Loaded where it is needed: with the schemas it takes half the time that a command does.
  const { jsonFault } = await import('@tidings/protocol/schemas');
  const fault = value && jsonFault(text, value, '--data');
  if (fault) throw new TidingsError('bad_request', `--data: ${fault.message}`);
  if (value) return value;
  throw new TidingsError('bad_request', `--data must be a JSON object, as {"order": 7}; got ${JSON.stringify(text)}`);
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
