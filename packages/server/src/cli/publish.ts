import { TidingsError } from '@tidings/protocol';
import { type NamedFunctions, type NotifyInput, namedFunctions, type PublishOutcome } from '@tidings/sender';
import { exitCodes } from './failure.ts';
import { type SenderFlags, withSender } from './sender-flags.ts';

/** What one of the sender's named functions would publish for its object form, with its default texts. */
export function itemsFor(name: keyof NamedFunctions, options: Record<string, unknown>): NotifyInput[] {
  const built = namedFunctions[name].build(options as never);
  return Array.isArray(built) ? built : [built];
}

/** Publishes, and tells what became of each; the exit code says whether all were accepted. */
export async function publish(flags: SenderFlags, items: readonly NotifyInput[]): Promise<void> {
  const outcomes = await withSender(flags, (sender) => sender.notifyMany(items));
  // A command that sends one thing fails as a whole, with its reason.
  const [only] = outcomes;
  if (outcomes.length === 1 && only && !only.ok) throw only.error;
  if (outcomes.some((outcome) => !outcome.ok)) process.exitCode = exitCodes.failed;
  if (flags.json) console.log(JSON.stringify(asJson(items, outcomes)));
  else for (const [index, outcome] of outcomes.entries()) tell(nameOf(items[index]?.to), outcome);
}

function asJson(items: readonly NotifyInput[], outcomes: readonly PublishOutcome[]): object {
  const results = outcomes.map((outcome, index) => {
    const to = items[index]?.to;
    return outcome.ok ? { ok: true, to, ...outcome.result } : { ok: false, to, error: outcome.error.toJSON() };
  });
  return results.length === 1 ? (results[0] as object) : { ok: results.every(({ ok }) => ok), results };
}

function tell(to: string, outcome: PublishOutcome): void {
  if (outcome.ok) console.log(`Accepted for ${to}: ${outcome.result.id} (rev ${outcome.result.rev})`);
  else console.error(`Not accepted for ${to}: ${outcome.error.message}`);
}

function nameOf(to: NotifyInput['to'] | undefined): string {
  if (!to || 'everyone' in to) return 'everyone';
  if ('role' in to) return `role ${to.role}`;
  return String(Object.values(to)[0]);
}

/** Reads `--data`. Throws `bad_request` for what is no JSON object. */
export function parseData(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new TidingsError('bad_request', `--data must be a JSON object, as {"order": 7}; got ${JSON.stringify(text)}`);
}
