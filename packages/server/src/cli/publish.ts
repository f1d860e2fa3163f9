import { TidingsError } from '@tidings/protocol';
import {
  type Answer,
  type Audience,
  type NamedFunctions,
  type NotifyInput,
  namedFunctions,
  type PublishOutcome,
  type Sender,
} from '@tidings/sender';
import { exitCodes, failureOf } from './failure.ts';
import { when } from './instant.ts';
import { nameOf } from './recipient.ts';
import { type SenderFlags, withSender } from './sender-flags.ts';
import { oneLine } from './text.ts';

type Flags = SenderFlags & { wait?: true };

/** The items that one of the sender's named functions publishes for its object form, with its default texts. */
export function itemsFor(name: keyof NamedFunctions, options: Record<string, unknown>): NotifyInput[] {
  const built = namedFunctions[name].build(options as never);
  return Array.isArray(built) ? built : [built];
}

/** The same for one recipient of any kind. */
export function itemFor(name: keyof NamedFunctions, to: Audience, options: Record<string, unknown>): NotifyInput {
  const [item] = itemsFor(name, { ...options, username: '' });
  return { ...(item as NotifyInput), to };
}

/** Publishes, and prints the result of each; the exit code says whether all were accepted. */
export function publish(flags: Flags, items: readonly NotifyInput[]): Promise<void> {
  return withSender(flags, (sender) => publishWith(sender, flags, items), console.error);
}

async function publishWith(sender: Sender, flags: Flags, items: readonly NotifyInput[]): Promise<void> {
  const outcomes = await sender.notifyMany(items);
  // A command that sends one thing fails as a whole, with its reason.
  const [only] = outcomes;
  if (outcomes.length === 1 && only && !only.ok) throw only.error;
  if (outcomes.some((outcome) => !outcome.ok)) process.exitCode = exitCodes.failed;
  if (!flags.json)
    for (const [index, outcome] of outcomes.entries()) printOutcome(items[index] as NotifyInput, outcome);
  const unknown = await unknownNames(sender, items, outcomes);
  for (const name of unknown) {
    console.error(`No user called ${oneLine(name)} was ever seen here: it waits until somebody with that name comes.`);
  }
  const end = flags.wait && only?.ok ? await answerTo(sender, flags, only.result.id) : {};
  if (flags.json) console.log(JSON.stringify({ ...asJson(items, outcomes), ...end }));
}

/** The number of names looked up; more would delay a long list. */
const namesLookedUp = 20;

/** Names that something was accepted for and that no token has had yet. Sending to them is allowed, and may be a slip. */
async function unknownNames(
  sender: Sender,
  items: readonly NotifyInput[],
  outcomes: readonly PublishOutcome[],
): Promise<string[]> {
  const accepted = items.filter((_item, index) => outcomes[index]?.ok);
  const names = accepted.flatMap(({ to }) =>
    'username' in to ? [String(to.username)] : 'usernames' in to ? to.usernames : [],
  );
  const looked = [...new Set(names.map(String))].slice(0, namesLookedUp);
  const found = await Promise.all(looked.map(async (name) => ((await isKnown(sender, name)) ? [] : [name])));
  return found.flat();
}

/** True where a token with this name was seen. Asks for the inbox, since to ask for connections would bother each of them. */
async function isKnown(sender: Sender, username: string): Promise<boolean> {
  try {
    await sender.users.inbox({ username }, { limit: 1 });
    return true;
  } catch (error) {
    return !(error instanceof TidingsError && error.code === 'not_found');
  }
}

function asJson(items: readonly NotifyInput[], outcomes: readonly PublishOutcome[]): object {
  const results = outcomes.map((outcome, index) => {
    const to = items[index]?.to;
    return outcome.ok ? { ok: true, to, ...outcome.result } : { ok: false, to, error: outcome.error.toJSON() };
  });
  return results.length === 1 ? (results[0] as object) : { ok: results.every(({ ok }) => ok), results };
}

function printOutcome({ to, deliver_at }: NotifyInput, outcome: PublishOutcome): void {
  const name = nameOf(to);
  if (!outcome.ok) {
    console.error(`Not accepted for ${name}: ${outcome.error.message}`);
    return;
  }
  const { id, rev, scheduled, collapsed } = outcome.result;
  const time = scheduled && deliver_at !== undefined ? `, ${when(deliver_at, Date.now())}` : '';
  const renewal = collapsed ? ', in place of an unread one' : '';
  console.log(`${scheduled ? 'Scheduled' : 'Accepted'} for ${name}${time}${renewal}: ${id} (rev ${rev})`);
}

/** Waits for the answer. In JSON it goes with the result, so that the id is not lost where nobody can answer any more. */
async function answerTo(
  sender: Sender,
  { json }: Flags,
  id: string,
): Promise<{ answer?: Answer; ok?: false; error?: object }> {
  if (!json) console.error('Waiting for the answer; Ctrl-C stops waiting.');
  try {
    const answer = await sender.notifications.waitForAnswer(id);
    if (!json) console.log(answerLine(answer));
    return { answer };
  } catch (error) {
    if (!json || !(error instanceof TidingsError)) throw error;
    process.exitCode = failureOf(error).exitCode;
    return { ok: false, error: error.toJSON() };
  }
}

/** A line with the answer, its author and its time. */
export function answerLine({ label, username, answered_at, comment }: Answer): string {
  const reason = comment ? `: "${oneLine(comment)}"` : '';
  return `${oneLine(username)} answered ${oneLine(label)}, ${when(answered_at, Date.now())}${reason}`;
}
