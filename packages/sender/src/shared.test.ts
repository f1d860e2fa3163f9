import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ContractServer } from './testing/contract-server.ts';

let server: ContractServer;
beforeEach(async () => {
  server = await new ContractServer().start();
});

let processes = 0;
/** The functions as a process has them that has called none yet. */
const inNewProcess = (): Promise<typeof import('./shared.ts')> => import(`./shared.ts?process=${++processes}`);

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await server.kill();
});

describe('the functions imported by themselves', () => {
  it('use the environment as it is at the first call, not at the import', async () => {
    vi.stubEnv('TIDINGS_URL', '');
    const { notify, wsSendMessage, tasks, close } = await inNewProcess();
    vi.stubEnv('TIDINGS_URL', server.url);
    vi.stubEnv('TIDINGS_API_KEY', server.apiKey);
    expect(await wsSendMessage('amadmin', 'Hello')).toBe(true);
    expect(await notify({ to: { user: 42 }, message: 'Hi' })).toMatchObject({ rev: 2 });
    expect(await tasks.report('test-123', { progress: 45 })).toMatchObject({ progress: 45 });
    await close();
  });

  it('report what is not configured instead of throwing, and work as soon as it is', async () => {
    vi.stubEnv('TIDINGS_URL', '');
    vi.stubEnv('TIDINGS_API_KEY', '');
    vi.spyOn(process, 'cwd').mockReturnValue('/');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { wsSendMessage, lastError, notify, getConnectedUsers } = await inNewProcess();
    expect(lastError()).toBeNull();
    expect(await wsSendMessage('amadmin', 'Hello')).toBe(false);
    expect(lastError()?.message).toContain('no Tidings server is configured');
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('tidings: wsSendMessage: no Tidings server is configured'),
    );
    await expect(notify({ to: { user: 1 } })).rejects.toMatchObject({ code: 'unreachable', retryable: false });
    expect(await getConnectedUsers()).toEqual([]);
    vi.stubEnv('TIDINGS_URL', server.url);
    vi.stubEnv('TIDINGS_API_KEY', server.apiKey);
    expect(await wsSendMessage('amadmin', 'Hello')).toBe(true);
  });

  it('go to another server after configure, while what was sent before is still answered', async () => {
    const other = await new ContractServer().start();
    const { configure, notify } = await inNewProcess();
    await configure({ url: server.url, apiKey: server.apiKey });
    const first = notify({ to: { user: 1 }, message: 'to the first' });
    await configure({ url: other.url, apiKey: other.apiKey });
    await notify({ to: { user: 1 }, message: 'to the other' });
    await first;
    expect(server.stored.map(({ message }) => message)).toEqual(['to the first']);
    expect(other.stored.map(({ message }) => message)).toEqual(['to the other']);
    await other.kill();
  });

  it('are all that a sender has', async () => {
    const { createSenderOver, ...own } = await import('./index.ts');
    const { httpPort } = await import('./http/http-port.ts');
    expect(Object.keys(own)).toEqual(expect.arrayContaining(Object.keys(createSenderOver(httpPort()))));
  });
});
