import { TidingsError } from '@tidings/protocol';
import { newNames, type OldOptions } from './old-names.ts';
import type { Limits, TidingsOptions } from './options.ts';

/** Options by their present names alone. */
export type CurrentOptions = Omit<TidingsOptions, keyof OldOptions | 'limits'> & { limits?: Partial<Limits> };

/** An option that was given by its old name. */
export interface RenamedOption {
  option: string;
  use: string;
}

/**
 * Moves options that were given by an old name to the present one.
 *
 * @throws TidingsError `bad_request` for an option that is given by both names
 */
export function withNewNames(given: TidingsOptions): { options: CurrentOptions; renamed: RenamedOption[] } {
  const options: Group = { ...given };
  const renamed: RenamedOption[] = [];
  for (const [option, use] of Object.entries(newNames)) {
    const value = take(options, option.split('.'));
    if (value === undefined) continue;
    if (valueAt(options, use.split('.')) !== undefined) {
      const message = `the option "${option}" is now "${use}", and both are given: give "${use}" alone`;
      throw new TidingsError('bad_request', message);
    }
    put(options, use.split('.'), value);
    renamed.push({ option, use });
  }
  return { options: options as CurrentOptions, renamed };
}

type Group = Record<string, unknown>;

const isGroup = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Copies a group, so that the caller's own is not changed. */
function copyOf(group: Group, name: string): Group {
  const copy = { ...(group[name] as Group | undefined) };
  group[name] = copy;
  return copy;
}

function take(group: Group, [name = '', ...inner]: string[]): unknown {
  if (inner.length > 0) return isGroup(group[name]) ? take(copyOf(group, name), inner) : undefined;
  const value = group[name];
  delete group[name];
  return value;
}

const valueAt = (group: Group, path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => Object(inner)[name], group);

/** Sets what is at a path of groups. The groups of the caller are not changed. */
export function put(group: Group, [name = '', ...inner]: string[], value: unknown): void {
  if (inner.length > 0) put(copyOf(group, name), inner, value);
  else group[name] = value;
}
