import { type Command, Option } from 'commander';
import { flagOf, type SettingName, settings, variableOf } from '../config/settings.ts';

/**
 * Gives a command the flags of settings, and `--config`. Their values are read, and checked, by `GivenSettings`.
 * @param abouts what a flag is here, if that is not what it is for `serve`
 */
export function addSettings(
  command: Command,
  names: readonly SettingName[],
  abouts: Partial<Record<SettingName, string>> = {},
): Command {
  for (const name of names) {
    const { value, about, ...rest } = settings[name];
    const option = new Option(`${flagOf(name)} <${value}>`, `${abouts[name] ?? about}; ${variableOf(name)}`);
    if ('repeatable' in rest) option.argParser((text: string, before: string[] = []) => [...before, text]);
    command.addOption(option);
  }
  return command.option('--config <file>', 'JSON file of these settings, as {"port": 8000}; TIDINGS_CONFIG');
}
