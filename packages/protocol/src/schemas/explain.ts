import { EventType, IdString, Role, Timestamp } from './fields.ts';

/** One finding of a schema validator, as TypeBox and Ajv name it. */
interface Finding {
  instancePath: string;
  message: string;
  keyword: string;
  params: object;
}

const quote = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const part of path.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

/** What a pattern asks for, in words. */
const patterns = new Map<unknown, string>([
  [patternOf(Timestamp), 'must be a time in ISO 8601 with a time zone, as 2026-01-31T09:30:00Z'],
  [patternOf(EventType), 'must be letters, digits, _ . : and -, beginning with a letter'],
  [patternOf(Role), 'must be the name of a role, without white space and control characters'],
  [patternOf(IdString), 'must be text without NUL and without halves of surrogate pairs'],
]);

function patternOf(schema: object): unknown {
  return (schema as { pattern?: string }).pattern;
}

const asked = ({ keyword, params, message }: Finding): string =>
  (keyword === 'pattern' && 'pattern' in params && patterns.get(params.pattern)) || message;

/** The values that literals at one place would have allowed, from findings of the keyword `const`. */
const allowedAt = (findings: readonly Finding[], path: string): unknown[] =>
  findings.flatMap((f) =>
    f.keyword === 'const' && f.instancePath === path && 'allowedValue' in f.params ? [f.params.allowedValue] : [],
  );

/**
 * Says what a schema expected and what came, in one sentence about the first finding.
 * `description` is the schema's own, told where a union did not match.
 */
export function explain(findings: readonly Finding[], value: unknown, description = 'the input'): string {
  const unknown = findings.find((f) => f.keyword === 'additionalProperties' && f.instancePath === '');
  if (unknown && 'additionalProperties' in unknown.params) {
    return `${description} has no member ${(unknown.params.additionalProperties as string[]).map(quote).join(', ')}; remove it or correct its name`;
  }
  const first = findings.find((f) => f.keyword !== 'boolean');
  if (!first) return `${description} is not valid`;
  if (first.keyword === 'required' && first.instancePath === '' && 'requiredProperties' in first.params) {
    return `${description} needs ${(first.params.requiredProperties as string[]).map(quote).join(', ')}`;
  }
  const place = first.instancePath.slice(1).replaceAll('/', '.') || description;
  const came = valueAt(value, first.instancePath);
  const allowed = allowedAt(findings, first.instancePath);
  if (allowed.length > 0) return `${place} must be one of ${allowed.map(quote).join(', ')}; got ${quote(came)}`;
  const root = place.split('.')[0] ?? place;
  if (root === 'to') {
    return `to must be exactly one of {user}, {username}, {users: [...]}, {usernames: [...]}, {role}, {everyone: true}, {connected: true}, with non-empty names; got ${quote(valueAt(value, '/to'))}`;
  }
  return `${place} ${asked(first)}; got ${quote(came)}`;
}
