import { checkJson } from '@tidings/protocol';
import { type NeverThrow, portTimeoutMs } from '../never-throw.ts';
import type { SenderPort } from '../port.ts';
import { publish } from '../publish-api.ts';
import type { NamedFunctions } from './functions.ts';
import { itemsOf, namedFunctions } from './table.ts';

export function namedApi(port: SenderPort, neverThrow: NeverThrow): NamedFunctions {
  const functions = Object.entries(namedFunctions).map(([name, { answer }]) => [
    name,
    async (...args: unknown[]) => {
      const stored = await send(port, neverThrow, name as keyof NamedFunctions, args);
      return answer === 'count' ? stored : stored > 0;
    },
  ]);
  return Object.fromEntries(functions) as NamedFunctions;
}

/** @returns the number of the function's items that were stored */
async function send(
  port: SenderPort,
  neverThrow: NeverThrow,
  name: keyof NamedFunctions,
  args: unknown[],
): Promise<number> {
  const sent = await neverThrow.run(name, async () => {
    const items = itemsOf(name, args);
    for (const item of items) checkJson(item);
    return publish(port, items, { atomic: false, timeoutMs: portTimeoutMs });
  });
  if (!sent.ok) return 0;
  const failed = sent.value.find((outcome) => !outcome.ok);
  if (failed) neverThrow.report(name, failed.error);
  return sent.value.filter((outcome) => outcome.ok).length;
}
