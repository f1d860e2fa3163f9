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
    put(options, use.split('.'), value, () => {
      const message = `the option "${option}" is now "${use}", and both are given: give "${use}" alone`;
      return new TidingsError('bad_request', message);
    });
    renamed.push({ option, use });
  }
  return { options: options as CurrentOptions, renamed };
}

type Group = Record<string, unknown>;

/** Copies a group, so that the caller's own is not changed. */
function copyOf(group: Group, name: string): Group {
  const copy = { ...(group[name] as Group | undefined) };
  group[name] = copy;
  return copy;
}

function take(group: Group, [name = '', ...inner]: string[]): unknown {
  if (inner.length > 0) return group[name] === undefined ? undefined : take(copyOf(group, name), inner);
  const value = group[name];
  delete group[name];
  return value;
}

function put(group: Group, [name = '', ...inner]: string[], value: unknown, conflict: () => TidingsError): void {
  if (inner.length > 0) put(copyOf(group, name), inner, value, conflict);
  else if (group[name] !== undefined) throw conflict();
  else group[name] = value;
}
