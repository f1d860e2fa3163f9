import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

function start(...args: string[]) {
  return spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function runToEnd(...args: string[]): Promise<{ code: unknown; text: string }> {
  const child = start(...args);
  let text = '';
  child.stderr.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, text };
}

test('prints its URL, answers there, and ends at SIGTERM', async () => {
  const child = start('--port', '0', '--username', 'ann');
  try {
    const [line] = await once(child.stdout, 'data');
    const [, url = ''] = /^ERP simulator ready at (\S+) \(user ann\)\n$/.exec(String(line)) ?? [];
    expect((await fetch(`${url}/simulator/faults`)).status).toBe(200);

    const taken = await runToEnd('--port', new URL(url).port);
    expect(taken.code).toBe(1);
    expect(taken.text).toMatch(/address already in use.*\nTake another port/);
  } finally {
    child.kill('SIGTERM');
  }
  await once(child, 'exit');
  if (process.platform !== 'win32') expect(child.exitCode).toBe(0);
});

test('answers a wrong flag or number with a sentence, its usage and exit code 2', async () => {
  const [flag, number] = await Promise.all([runToEnd('--prot', '0'), runToEnd('--port', 'x')]);
  expect([flag.code, number.code]).toEqual([2, 2]);
  expect(flag.text).toMatch(/^Unknown option '--prot'.*\nUsage: /);
  expect(number.text).toMatch(/^Expected --port as a number from 0 to 65535, got "x"\.\nUsage: /);
});
