import { readFileSync } from 'node:fs';
import { TidingsError } from '@tidings/protocol';
import {
  flagOf,
  type RawSetting,
  type Setting,
  type SettingName,
  type SettingValues,
  settings,
  variableOf,
} from './settings.ts';

/** The sources of settings. */
export interface Sources {
  /** By the settings' names, and `config`, the file. */
  flags: Record<string, unknown>;
  environment: Record<string, string | undefined>;
}

/**
 * Reads settings: a flag beats the environment beats the file (`--config`, TIDINGS_CONFIG). Variables that are empty do not count.
 * Throws `bad_request` that names the flag, the variable or the file's member.
 */
export function readSettings<N extends SettingName>(
  names: readonly N[],
  { flags, environment }: Sources,
): Pick<SettingValues, N> {
  const path = flags.config ?? environment.TIDINGS_CONFIG;
  const file = typeof path === 'string' && path !== '' ? { path, members: readSettingsFile(path) } : null;
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const found = firstOf(name, flags, environment, file);
    if (found) values[name] = (settings[name] as Setting<unknown>).read(found.raw, found.where);
  }
  return values as Pick<SettingValues, N>;
}

function firstOf(
  name: SettingName,
  flags: Sources['flags'],
  environment: Sources['environment'],
  file: { path: string; members: Record<string, RawSetting> } | null,
): { raw: RawSetting; where: string } | null {
  const flag = flags[name] as RawSetting | undefined;
  if (flag !== undefined) return { raw: flag, where: flagOf(name) };
  const variable = environment[variableOf(name)];
  if (variable) return { raw: variable, where: variableOf(name) };
  const member = file?.members[name];
  return file && member !== undefined ? { raw: member, where: `"${name}" in ${file.path}` } : null;
}

/** Reads a JSON object of settings, by their names: `{"port": 8000, "jwtSecret": "…"}`. */
function readSettingsFile(path: string): Record<string, RawSetting> {
  const members = parse(path);
  for (const [name, value] of Object.entries(members)) {
    if (!Object.hasOwn(settings, name)) {
      const known = Object.keys(settings).join(', ');
      throw new TidingsError('bad_request', `${path} has a setting "${name}", which is not known; known are ${known}`);
    }
    const { grouped } = settings[name as SettingName] as Setting<unknown>;
    if (!isRaw(value) && !(grouped && isGroup(value))) {
      const expected = grouped ? 'an object of numbers' : 'text, a number or a list of texts';
      throw new TidingsError('bad_request', `"${name}" in ${path} must be ${expected}`);
    }
  }
  return members as Record<string, RawSetting>;
}

function parse(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new TidingsError('bad_request', `cannot read --config ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isGroup(value)) return value;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new TidingsError('bad_request', `${path} must be a JSON object of settings, as {"port": 8000}`);
}

const isRaw = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'number' ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));

const isGroup = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
