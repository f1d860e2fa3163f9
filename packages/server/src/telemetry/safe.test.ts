import { expect, test } from 'vitest';
import type { Telemetry } from './events.ts';
import { safe } from './safe.ts';

test.each<[string, Telemetry['emit']]>([
  [
    'throws',
    () => {
      throw new Error('the log is full');
    },
  ],
  ['rejects', (() => Promise.reject(new Error('the log is full'))) as Telemetry['emit']],
])('a sink that %s disturbs nobody, and is told once', async (_, emit) => {
  const warnings: string[] = [];
  const listener = ({ name, message }: Error) => void (name === 'TidingsWarning' && warnings.push(message));
  process.on('warning', listener);
  try {
    const sink = safe({ emit });
    for (let n = 0; n < 3; n++) sink.emit({ type: 'stopped' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(warnings).toEqual([expect.stringContaining('the telemetry sink failed')]);
  } finally {
    process.off('warning', listener);
  }
});
