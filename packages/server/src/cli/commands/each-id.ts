import { TidingsError } from '@tidings/protocol';
import type { Revision, Sender } from '@tidings/sender';
import { exitCodes } from '../failure.ts';
import { type SenderFlags, withSender } from '../sender-flags.ts';

/** Does the same with several things, and prints the result of each; the exit code says whether all went well. */
export async function eachId<R extends Revision>(
  flags: SenderFlags,
  ids: readonly string[],
  done: string | ((result: R) => string),
  act: (sender: Sender, id: string) => Promise<R>,
): Promise<void> {
  const results = await withSender(flags, (sender) =>
    Promise.all(ids.map((id) => act(sender, id).catch((error: unknown) => refused(error)))),
  );
  const [only] = results;
  // A command about one thing fails as a whole, as all others do.
  if (results.length === 1 && only instanceof TidingsError) throw only;
  const ok = results.every((result) => !(result instanceof TidingsError));
  if (!ok) process.exitCode = exitCodes.failed;
  if (flags.json) {
    const each = results.map((result, index) =>
      result instanceof TidingsError ? { ok: false, id: ids[index], error: result.toJSON() } : { ok: true, ...result },
    );
    console.log(JSON.stringify(each.length === 1 ? each[0] : { ok, results: each }));
    return;
  }
  for (const result of results) {
    if (result instanceof TidingsError) console.error(`Failed: ${result.message}`);
    else console.log(`${typeof done === 'string' ? done : done(result)} ${result.id} (rev ${result.rev})`);
  }
}

function refused(error: unknown): TidingsError {
  if (error instanceof TidingsError) return error;
  throw error;
}
