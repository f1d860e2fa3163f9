import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { RunningCli, runCli } from '../../testing/cli/cli.ts';
import { runHere } from '../../testing/cli/run-here.ts';

let folder: string;
let dev: RunningCli;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidings-sent-'));
  dev = new RunningCli(['dev', '--port', '0'], { folder });
  url = (await dev.says(/Tidings is ready at \S+/)).split(' ').pop() as string;
});
afterAll(async () => {
  await dev.stop();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...args: string[]) => runHere(args, { folder });
/** The JSON output of a command. */
const told = async (...args: string[]) => JSON.parse((await run(...args, '--json')).stdout);

interface Frame {
  type: string;
  id?: string;
  title?: string;
  actions?: { id: string }[];
  session_id?: string;
}

/** A browser of this user's, that does something with what it hears. */
async function browser(user: string, roles: string, hear: (frame: Frame, act: (action: object) => void) => void) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/?user=${user}&roles=${roles}`);
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const ready = new Promise<string>((resolve) => {
    let session = '';
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString()) as Frame;
      if (frame.type === 'connection_established') session = frame.session_id ?? '';
      if (frame.type === 'synced') resolve(session);
      hear(frame, (action) => socket.send(JSON.stringify(action)));
    });
  });
  return { session: await ready, closed, close: () => socket.close() };
}

const lengthFirst = (bytes: Uint8Array): Uint8Array => Uint8Array.from([bytes.length, ...bytes]);

// Each test starts a handful of programs, one after the other.
vi.setConfig({ testTimeout: 60_000 });

it('an event goes to a room, and listeners of the room see it, with who is there', async () => {
  const listener = new RunningCli(['listen', '--user', 'rita', '--room', 'project:12'], { folder });
  await listener.says(/synced/);
  await listener.says(/presence +project:12 +here: rita/);
  const sent = await run('send', '--room', 'project:12', '--event', 'comment_added', '--data', '{"text":"Hello"}');
  expect(sent.stdout).toMatch(/^Sent to project:12: e\S+ \(rev \d+\)\n$/);
  await listener.says(/room_event +project:12 +comment_added +\{"text":"Hello"\}/);
  expect(await told('send', '--room', 'project:12', '--event', 'typing', '--ephemeral')).toEqual({
    ...{ ok: true, room: 'project:12', event: 'typing', ephemeral: true },
  });
  await listener.says(/ephemeral_event +project:12 +typing/);
  await listener.stop('SIGINT');
  for (const [args, reason] of [
    [['--room', 'project:12'], /--event comment_added/],
    [['alice', 'Hello', '--room', 'project:12', '--event', 'said'], /nobody else's message/],
    [['alice', 'Hello', '--event', 'said'], /--event is of an event: name its room by --room/],
    [['--room', 'project', '--event', 'said'], /as project:12/],
  ] as const) {
    const { code, stderr } = await run('send', ...args);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(reason)]);
  }
});

describe('what waits', () => {
  it('is listed by its time, in pages, and cancelled once', async () => {
    const late = await run('send', 'alice', 'Standup', '--at', '2027-06-01T09:00+01:00', '--expires', '10m');
    expect(late.stdout).toMatch(/^Scheduled for alice, 2027-0[56]-\d\d \d\d:\d\d \(in \d+ days\): n\S+ \(rev \d+\)\n$/);
    const soon = await told('notify', '--role', 'admin', 'Maintenance tonight', '--title', 'Mind', '--in', '2h');
    expect(soon).toMatchObject({ ok: true, to: { role: 'admin' }, scheduled: true });

    const first = await run('schedule', '--limit', '1');
    expect(first.stdout).toMatch(
      new RegExp(`^${soon.id}  \\S+ \\S+  in 2 hours  role admin  Mind: Maintenance tonight\n`),
    );
    const [, before = ''] = /There is more: tidings schedule --limit 1 --before (\S+)/.exec(first.stdout) ?? [];
    const second = await told('schedule', '--limit', '1', '--before', before);
    expect(second).toMatchObject({
      items: [{ status: 'scheduled', deliver_at: '2027-06-01T08:00:00.000Z', frame: { message: 'Standup' } }],
    });

    const cancelled = await run('schedule', 'cancel', soon.id, second.items[0].id);
    expect(cancelled.stdout).toMatch(/^Cancelled n\S+ \(rev \d+\)\nCancelled n\S+ \(rev \d+\)\n$/);
    expect((await run('schedule')).stdout).toBe('Nothing waits to be delivered.\n');
    const again = await run('schedule', 'cancel', soon.id);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('does not wait any more') });
  });

  it('is delivered when its time has come', async () => {
    const listener = new RunningCli(['listen', '--user', 'dora'], { folder });
    await listener.says(/synced/);
    await run('send', 'dora', 'In a second', '--in', '1s');
    await listener.says(/user_message +In a second/);
    await listener.stop('SIGINT');
  });
});

describe('what was sent', () => {
  it('is shown, and changed in place on the screen of who has it', async () => {
    const listener = new RunningCli(['listen', '--user', 'bob'], { folder });
    await listener.says(/synced/);
    const { id } = await told('send', 'bob', 'Invoice 7 is due', '--category', 'invoices', '--collapse', 'invoice-7');
    await listener.says(/user_message +Invoice 7 is due/);
    const { id: collapsed } = await told('send', 'bob', 'Invoice 7 is overdue', '--collapse', 'invoice-7');
    expect(collapsed).toBe(id);

    const changed = await run('edit', id, '--message', 'Invoice 7 is paid', '--type', 'success', '--expires', '1h');
    expect(changed.stdout).toMatch(/^Changed n\S+ \(rev \d+\)\n$/);
    await listener.says(/user_message +Invoice 7 is paid +\(changed\)/);
    const shown = await run('show', id);
    expect(shown.stdout).toMatch(new RegExp(`^${id} is live \\(rev \\d+\\)\n  For +bob\n`));
    expect(shown.stdout).toMatch(/Expires .*\(in 1 hour|in \d\d minutes\)\n.*\n?.*Message +Invoice 7 is paid\n/);

    await listener.stop('SIGINT');
  });

  it('is changed from the shell, and taken back', async () => {
    const listener = new RunningCli(['listen', '--user', 'hugo'], { folder });
    await listener.says(/synced/);
    const { id } = await told('send', 'hugo', 'Invoice 7 is due');
    const shell = new RunningCli(['shell'], { folder });
    shell.type(`notifications.edit('${id}', { message: 'Thank you' })\nusers.revoke({ userId: 42 })\n`);
    await listener.says(/user_message +Thank you +\(changed\)/);
    expect(await shell.ended).toBe(0);
    expect(shell.stderr).toBe('revoke needs exactly one of user, tokenId, sessionId; got userId (bad_request)\n');

    expect((await run('retract', id, 'n0')).stdout).toMatch(new RegExp(`^Retracted ${id} \\(rev \\d+\\)\n$`));
    await listener.says(new RegExp(`retracted +${id}`));
    expect(await told('show', id)).toMatchObject({ status: 'retracted', frame: null });
    await listener.stop('SIGINT');
  });

  it('names what is not known, by its exit code too', async () => {
    const commands = [['show'], ['edit', '--title', 'x'], ['retract'], ['schedule', 'cancel']];
    for (const args of commands) {
      const { code, stdout, stderr } = await run(...args, 'n0');
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/^tidings: there is no notification "n0"/);
    }
  });

  it('is answered from its buttons, while the sender waits', async () => {
    const person = await browser('carol', 'manager', ({ id, actions }, act) => {
      if (actions) act({ action: 'answer', id, action_id: actions[1]?.id, comment: 'Too much' });
    });
    const buttons = ['--action', 'approve:Approve:primary', '--action', 'reject:Reject:danger'];
    const [asText, { stdout }] = await Promise.all([
      runCli(['send', '--role', 'manager', 'Transfer 7 over 50,000', ...buttons, '--wait'], { folder }),
      runCli(['notify', '--role', 'manager', 'Transfer 8 over 50,000', ...buttons, '--wait', '--json'], { folder }),
    ]);
    const asJson = JSON.parse(stdout);
    expect(asText.stdout).toMatch(
      /^Accepted for role manager: n\S+ \(rev \d+\)\ncarol answered Reject, .*: "Too much"\n$/,
    );
    expect(asText).toMatchObject({ code: 0, stderr: 'Waiting for the answer; Ctrl-C stops waiting.\n' });
    expect(asJson).toMatchObject({
      ok: true,
      answer: { action_id: 'reject', label: 'Reject', user_id: 'carol', comment: 'Too much' },
    });
    expect((await run('show', asJson.id)).stdout).toMatch(/is answered.*Answer +carol answered Reject, /s);
    person.close();
  });

  it('is not waited for any more once it was taken back', async () => {
    const waiting = new RunningCli(['send', 'erin', 'Sure?', '--action', 'yes:Yes', '--wait'], { folder });
    const id = (await waiting.says(/n\S+ (?=\(rev)/)).trim();
    await waiting.says(/Waiting for the answer/);
    await run('retract', id);
    expect(await waiting.ended).toBe(1);
    expect(waiting.stderr).toContain(`tidings: notification ${id} was retracted, and nobody can answer it`);
  });
});

describe('shared documents', () => {
  const room = 'collaboration:notes 12';
  const documents = (command: string, ...args: string[]) => run('documents', command, room, ...args);

  it('have versions that are made, listed in pages, named, brought back and deleted', async () => {
    expect((await documents('versions')).stdout).toBe('collaboration:notes 12 has no versions.\n');
    const saved = await documents('name', 'As sent to the\ncustomer');
    const [, id = ''] = /^Saved (v\S+): As sent to the customer\n$/.exec(saved.stdout) ?? [];
    expect(id).not.toBe('');
    const second = await told('documents', 'name', room, 'Two');
    expect(second).toMatchObject({ ok: true, kind: 'named', name: 'Two', from: null });
    expect((await documents('name', 'As signed', id)).stdout).toBe(`Named ${id}: As signed\n`);
    const first = await documents('versions', '--limit', '1');
    expect(first.stdout).toMatch(new RegExp(`^${second.id}  \\S+ \\S+  \\S.*  \\d+ bytes  a back end  Two\n\n`));
    expect(first.stdout).toContain(`There is more: tidings documents versions ${room} --limit 1 --before ${second.id}`);
    const rest = await told('documents', 'versions', room, '--before', second.id);
    expect(rest).toMatchObject({ ok: true, items: [{ id, name: 'As signed' }], next_before: null });
    expect((await documents('restore', id)).stdout).toBe(`${room} has the content of ${id} already.\n`);
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/collaboration/notes%2012/?user=ed&grants=${room}:rw`);
    await new Promise((resolve) => socket.once('open', resolve));
    // A change of an editor: a map "m" with a key.
    const doc = new Y.Doc();
    doc.getMap('m').set('k', 1);
    socket.send(Buffer.from([0, 2, ...lengthFirst(Y.encodeStateAsUpdate(doc))]));
    await expect
      .poll(async () => (await documents('restore', id)).stdout)
      .toMatch(new RegExp(`^Restored ${id}\\. What was before is version v\\S+: Before restore of As signed\n$`));
    expect((await run('documents', 'list')).stdout).toBe(`${room}  3 versions\n`);
    expect(await told('documents', 'list', '--after', room)).toEqual({ ok: true, items: [], next_after: null });
    expect((await run('documents', 'list', '--limit', '1')).stdout).toContain(`list --limit 1 --after "${room}"`);
    expect((await documents('delete', id)).stdout).toBe(`Deleted version ${id}\n`);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    expect((await documents('delete', '--all')).stdout).toBe(`Deleted the document of ${room}, with its versions\n`);
    expect(await closed).toBe(4410);
    expect((await run('documents', 'list')).stdout).toBe('There are no documents.\n');
  });

  it('say what there is not, by the exit code too', async () => {
    for (const [args, reason] of [
      [['restore', room, 'v0'], /there is no version "v0"/],
      [['name', room, 'x', 'v0'], /there is no version "v0"/],
      [['delete', room, 'v0'], /has no version "v0"/],
      [['delete', 'collaboration:none', '--all'], /collaboration:none has no document/],
    ] as const) {
      const { code, stdout, stderr } = await run('documents', ...args);
      expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(reason)]);
    }
    const project = await run('documents', 'versions', 'project:12');
    expect([project.code, project.stderr]).toEqual([2, expect.stringContaining('"collaboration:notes"')]);
  });
});

describe('the health of the server', () => {
  it('is shown as a table, or as JSON, and told by the exit code', async () => {
    const { code, stdout } = await run('health');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Node n\S+: ok$/m);
    expect(stdout).toMatch(/^ {2}store +ok/m);
    expect(stdout).toMatch(/^ {2}event loop +ok/m);
    expect(stdout).toMatch(/^ {2}The canary (has not been sent yet|was last sent \d{4}-\d\d-\d\d \d\d:\d\d)\.$/m);
    expect(await told('health')).toMatchObject({ ok: true, status: 'ok', other_nodes: [], incidents: [], history: [] });
  });
});

describe('people', () => {
  it('are listed with their sessions, and disconnected', async () => {
    const [desk, phone] = [await browser('42', '', () => {}), await browser('42', '', () => {})];
    expect((await run('connections')).stdout).toMatch(/^42 +2 sessions$/m);
    const { connections } = await told('connections', '42');
    expect(connections).toHaveLength(2);
    const one = await run('disconnect', '--user', '42', '--session', desk.session, '--reason', 'Moved');
    expect(one.stdout).toBe('One session was ended.\n');
    expect(await desk.closed).toBe(4403);
    expect((await told('disconnect', '--user', '42')).disconnected).toBe(1);
    expect(await phone.closed).toBe(4403);
    expect((await run('disconnect', '--user', '42')).stdout).toBe(
      'No session was open at this server; others of its cluster end theirs within 2 s.\n',
    );
    expect((await run('connections', '42')).stdout).toBe('42 is not connected.\n');
  });

  it('are given roles, and hear at once what is for these', async () => {
    const heard: Frame[] = [];
    let hear = (): void => {};
    const person = await browser('frank', '', (frame) => {
      heard.push(frame);
      hear();
    });
    const until = async (type: string) => {
      while (!heard.some((frame) => frame.type === type)) await new Promise<void>((resolve) => (hear = resolve));
    };
    expect((await run('roles', 'frank', 'auditor,manager')).stdout).toBe('frank now has the roles auditor, manager.\n');
    await until('topic_joined');
    await run('send', '--role', 'auditor', 'Year end');
    await until('user_message');
    expect((await run('roles', 'frank', '')).stdout).toBe('frank now has no roles.\n');
    await until('topic_left');
    person.close();
  });

  it('are locked out', async () => {
    const person = await browser('gina', '', () => {});
    const { code, stdout } = await run('revoke', '--user', 'gina');
    expect(stdout).toBe('Refused from now on: the tokens gina has. One session was ended.\n');
    expect([code, await person.closed]).toEqual([0, 4401]);
  });
});
