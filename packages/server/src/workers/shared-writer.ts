import { Answers } from '../store/sqlite/answers.ts';
import { WriterThread } from '../store/sqlite/own-writer.ts';
import { asText } from '../store/sqlite/writer-port.ts';
import { step } from '../store/steps.ts';
import type { Relay } from './relay.ts';

/** Opens the database that workers write to through this process and its relay. Throws TidingsError with what to do. */
export async function openSharedWriter(path: string, relay: Relay): Promise<WriterThread> {
  const answers = new Answers();
  const thread = new WriterThread(path, (error) => {
    answers.fail(error);
    relay.writerEnded(error.message);
  });
  await thread.open();
  // Runners of a process that is gone: nobody else has the database open.
  await answers.ask((id) =>
    thread.send(asText({ id, do: 'write', steps: [step('removeRunners'), step('removePermits')] }), (answer) =>
      answers.settle(JSON.parse(answer)),
    ),
  );
  relay.writeTo(thread);
  return thread;
}
