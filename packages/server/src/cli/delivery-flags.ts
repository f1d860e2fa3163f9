import { TidingsError } from '@tidings/protocol';
import type { NotificationAction, NotifyInput } from '@tidings/sender';
import type { Command } from 'commander';
import { parseDuration } from './duration.ts';
import { parseEnd, parseInstant } from './instant.ts';

/** The flags of delivery. */
export interface DeliveryFlags {
  at?: string;
  in?: string;
  expires?: string;
  category?: string;
  collapse?: string;
  action?: string[];
  wait?: true;
}

type Delivery = Pick<NotifyInput, 'deliver_at' | 'expires_at' | 'category' | 'collapse_key' | 'actions'>;

export const addDeliveryFlags = (command: Command): Command =>
  command
    .option('--at <time>', "deliver it then, as 2026-12-01T09:00+01:00 (without a zone: this machine's)")
    .option('--in <time>', 'deliver it after a while, as 90s, 15m, 2h, 7d')
    .option('--expires <time>', 'how long it counts from its delivery, as 1h, or until when')
    .option('--category <name>', 'the category it is counted and filtered by')
    .option('--collapse <key>', 'take the place of an unread one with the same key');

/** Buttons, for commands that send one thing. */
export const addActionFlags = (command: Command): Command =>
  command
    .option(
      '--action <id:label[:style]>',
      'a button; style primary, danger or default; repeat it for several',
      (text, before: string[] = []) => [...before, text],
    )
    .option('--wait', 'wait for the answer, and print it');

/** Reads the flags. Throws `bad_request`. */
export function deliveryOf(flags: DeliveryFlags, now = Date.now()): Delivery {
  if (flags.at !== undefined && flags.in !== undefined) {
    throw new TidingsError('bad_request', 'say when in one way: --at or --in');
  }
  if (flags.wait && !flags.action) {
    throw new TidingsError('bad_request', '--wait needs what can be answered: --action, as --action approve:Approve');
  }
  const delivery: Delivery = {};
  if (flags.at !== undefined) delivery.deliver_at = parseInstant(flags.at, '--at');
  if (flags.in !== undefined)
    delivery.deliver_at = new Date(now + parseDuration(flags.in, '--in') * 1000).toISOString();
  const from = delivery.deliver_at === undefined ? now : Date.parse(delivery.deliver_at);
  if (flags.expires !== undefined) delivery.expires_at = parseEnd(flags.expires, from, '--expires');
  if (flags.category !== undefined) delivery.category = flags.category;
  if (flags.collapse !== undefined) delivery.collapse_key = flags.collapse;
  if (flags.action) delivery.actions = flags.action.map(actionOf);
  return delivery;
}

const styles = ['primary', 'danger', 'default'] as const;

function actionOf(text: string): NotificationAction {
  const [, id, rest = ''] = /^([^:]+):(.+)$/s.exec(text) ?? [];
  const style = styles.find((name) => rest.endsWith(`:${name}`));
  const label = style ? rest.slice(0, -style.length - 1) : rest;
  if (id !== undefined && label !== '') return style ? { id, label, style } : { id, label };
  throw new TidingsError(
    'bad_request',
    `--action must be as approve:Approve or reject:Reject:danger; got ${JSON.stringify(text)}`,
  );
}
