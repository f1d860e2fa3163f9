import { Answers } from '../store/sqlite/answers.ts';
import { WriterThread } from '../store/sqlite/own-writer.ts';
import { asText } from '../store/sqlite/writer-port.ts';
import { step } from '../store/steps.ts';

/**
 * Opens the database that workers write to through this process. Throws TidingsError with what to do.
 * @param onDeath is called with the reason when nothing can be stored any more
 */
export async function openSharedWriter(path: string, onDeath: (error: Error) => void): Promise<WriterThread> {
  const answers = new Answers();
  const thread = new WriterThread(path, (error) => {
    answers.fail(error);
    onDeath(error);
  });
  await thread.open();
  // Runners of a process that is gone: nobody else has the database open.
  await answers.ask((id) =>
    thread.send(asText({ id, do: 'write', steps: [step('removeRunners')] }), (answer) =>
      answers.settle(JSON.parse(answer)),
    ),
  );
  return thread;
}
