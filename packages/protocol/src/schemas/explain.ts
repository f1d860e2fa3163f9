import { Value } from 'typebox/value';
import { EventType, IdString, Timestamp } from './fields.ts';
import { Audience } from './publish.ts';

/** One finding of a schema validator, as TypeBox and Ajv name it. */
interface Finding {
  instancePath: string;
  message: string;
  keyword: string;
  params: object;
}

/** A value as an error names it: its JSON, of at most 60 characters. Never throws, whatever the value. */
export const quote = (value: unknown): string => {
  const text = jsonOf(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
};

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a ${typeof value} that is no JSON`;
  }
}

function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const part of path.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  return value;
}

/** The requirement of a pattern, in words. */
const patterns = new Map<unknown, string>([
  [patternOf(Timestamp), 'must be a time in ISO 8601 with a time zone, as 2026-01-31T09:30:00Z'],
  [patternOf(EventType), 'must be letters, digits, _ . : and -, beginning with a letter'],
  [patternOf(IdString), 'must be text without NUL and without halves of surrogate pairs'],
]);

function patternOf(schema: object): unknown {
  return (schema as { pattern?: string }).pattern;
}

/** The requirement at one place: the bounds of the type that came, or else all the possible types. */
function askedAt(findings: readonly Finding[], path: string): string {
  const here = findings.filter((f) => f.instancePath === path && f.keyword !== 'anyOf' && f.keyword !== 'boolean');
  const bound = here.find((f) => f.keyword !== 'type');
  if (bound) return ('pattern' in bound.params && patterns.get(bound.params.pattern)) || bound.message;
  const types = here.flatMap((f) => ('type' in f.params ? [f.params.type].flat() : []));
  return types.length > 0 ? `must be ${types.join(' or ')}` : 'is not valid';
}

/** The values that literals at one place would have allowed, from findings of the keyword `const`. */
const allowedAt = (findings: readonly Finding[], path: string): unknown[] =>
  findings.flatMap((f) =>
    f.keyword === 'const' && f.instancePath === path && 'allowedValue' in f.params ? [f.params.allowedValue] : [],
  );

/**
 * Says in one sentence, about the first finding, what a schema expected and what came.
 *
 * @param description names the value where a finding has no place
 */
export function explain(findings: readonly Finding[], value: unknown, description = 'the input'): string {
  const unknown = findings.find((f) => f.keyword === 'additionalProperties' && f.instancePath === '');
  if (unknown && 'additionalProperties' in unknown.params) {
    return `${description} has no member ${(unknown.params.additionalProperties as string[]).map(quote).join(', ')}; remove it or correct its name`;
  }
  const first = findings.find((f) => f.keyword !== 'boolean');
  if (!first) return `${description} is not valid`;
  if (first.instancePath.split('/')[1] === 'to') return explainAudience(valueAt(value, '/to'));
  if (first.keyword === 'required' && first.instancePath === '' && 'requiredProperties' in first.params) {
    return `${description} needs ${(first.params.requiredProperties as string[]).map(quote).join(', ')}`;
  }
  return explainAt(findings, first.instancePath, value, description);
}

function explainAt(findings: readonly Finding[], path: string, value: unknown, description: string): string {
  const place = path.slice(1).replaceAll('/', '.') || description;
  const came = quote(valueAt(value, path));
  const allowed = allowedAt(findings, path);
  const choice = allowed.length > 1 ? 'must be one of' : 'must be';
  if (allowed.length > 0) return `${place} ${choice} ${allowed.map(quote).join(', ')}; got ${came}`;
  return `${place} ${askedAt(findings, path)}; got ${came}`;
}

/** Explains what is wrong with the audience that was meant, where that is plain: a validator of all kinds does not say. */
function explainAudience(to: unknown): string {
  const [only, ...others] = typeof to === 'object' && to !== null ? Object.keys(to) : [];
  const meant = others.length === 0 && Audience.anyOf.find(({ properties }) => Object.keys(properties)[0] === only);
  const findings = meant ? Value.Errors(meant, to) : [];
  const [wrong] = findings;
  if (wrong) return `to.${explainAt(findings, wrong.instancePath, to, 'to')}`;
  return `to must be exactly one of {user}, {username}, {users: [...]}, {usernames: [...]}, {role}, {everyone: true}, {connected: true}; got ${quote(to)}`;
}
