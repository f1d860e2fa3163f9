import { readFileSync, statSync } from 'node:fs';
import { TidingsError } from '@tidings/protocol';
import { check, type NameOf } from './check.ts';
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

interface SettingsFile {
  path: string;
  members: Record<string, RawSetting>;
}

/**
 * The settings of all sources: a flag beats the environment beats the file (`--config`, TIDINGS_CONFIG). Variables that are empty do not
 * count. Throws `bad_request` for a file that cannot be read, or holds what is no setting.
 */
export class GivenSettings {
  readonly #sources: Sources;
  readonly #file: SettingsFile | null;

  constructor(sources: Sources) {
    this.#sources = sources;
    const path = sources.flags.config ?? sources.environment.TIDINGS_CONFIG;
    this.#file = typeof path === 'string' && path !== '' ? { path, members: readSettingsFile(path) } : null;
  }

  /** Throws `bad_request` that names the flag, the variable or the file's member. */
  read<N extends SettingName>(names: readonly N[]): Pick<SettingValues, N> {
    const values: Record<string, unknown> = {};
    for (const name of names) {
      const raw = this.#rawOf(name);
      if (raw === undefined) continue;
      const { schema, parse } = settings[name] as Setting;
      values[name] = parse(raw);
      check(schema, values[name], (member) => this.#placeOf(name, member), [name]);
    }
    return values as Pick<SettingValues, N>;
  }

  /** Names an option of `createTidings` by the setting that gave it, or that could. */
  nameOf: NameOf = (option) => {
    const name = settingOf(option);
    if (name === null) return option;
    const { option: own = '' } = settings[name] as Setting;
    return this.#placeOf(name, `${name}${option.slice(own.length)}`);
  };

  /** The file, where it holds a setting that passes; null if it does not. */
  fileWith(passes: (name: SettingName, value: unknown) => boolean): { path: string; mode: number } | null {
    const found = Object.entries(this.#file?.members ?? {}).some(([name, value]) => passes(name as SettingName, value));
    return this.#file && found ? { path: this.#file.path, mode: statSync(this.#file.path).mode } : null;
  }

  /** @param member its name, or that of a member of it, as `limits.pageSize` */
  #placeOf(name: SettingName, member: string): string {
    const { flags, environment } = this.#sources;
    const of = member === name ? '' : `${member.slice(name.length + 1)} of `;
    if (flags[name] !== undefined) return `${of}${flagOf(name)}`;
    if (environment[variableOf(name)]) return `${of}${variableOf(name)}`;
    if (this.#file?.members[name] !== undefined) return `"${member}" in ${this.#file.path}`;
    return `${of}${flagOf(name)} (${variableOf(name)})`;
  }

  #rawOf(name: SettingName): RawSetting | undefined {
    const { flags, environment } = this.#sources;
    return (flags[name] as RawSetting | undefined) ?? (environment[variableOf(name)] || this.#file?.members[name]);
  }
}

/** The setting of an option, or of the group that it belongs to; null for one that no setting gives. */
function settingOf(option: string): SettingName | null {
  const found = (Object.keys(settings) as SettingName[]).find((name) => (settings[name] as Setting).option === option);
  if (found) return found;
  const dot = option.lastIndexOf('.');
  return dot < 0 ? null : settingOf(option.slice(0, dot));
}

/** Reads a JSON object of settings, by their names: `{"port": 8000, "jwtSecret": "…"}`. */
function readSettingsFile(path: string): Record<string, RawSetting> {
  const members = parse(path) as Record<string, RawSetting>;
  for (const [name, value] of Object.entries(members)) {
    if (!Object.hasOwn(settings, name)) {
      const known = Object.keys(settings)
        .filter((one) => one !== 'redis')
        .join(', ');
      throw new TidingsError('bad_request', `${path} has a setting "${name}", which is not known; known are ${known}`);
    }
    if (!isRaw(value) && !(settings[name as SettingName] as Setting).grouped) {
      throw new TidingsError('bad_request', `"${name}" in ${path} must be text, a number or a list of texts`);
    }
  }
  return members;
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
  const expected = `${path} must be a JSON object of settings, as {"port": 8000}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TidingsError('bad_request', `${expected}; it cannot be read: ${(error as Error).message}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TidingsError('bad_request', expected);
}

const isRaw = (value: unknown): boolean =>
  typeof value === 'string' ||
  typeof value === 'number' ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));
