import { expect, onTestFinished, test } from 'vitest';
import { onDeployments } from '../../testing/deployments.ts';
import { type ClientTransport, ResumingClient } from '../../testing/frame-clients.ts';
import type { RunningServer } from '../../testing/running-server.ts';
import { token } from '../../testing/tokens.ts';
import { until } from '../../testing/world.ts';

let users = 0;

onDeployments(contract);

function contract(transport: ClientTransport, nodesOf: () => readonly RunningServer[]): void {
  const someone = (): string => `t${++users}`;
  const first = () => nodesOf()[0] as RunningServer;
  const last = () => nodesOf().at(-1) as RunningServer;
  const call = async (method: string, path: string, body?: unknown) => {
    const { status, body: answer } = await first().call(method, `/api/v1${path}`, body);
    expect(status, JSON.stringify(answer)).toBeLessThan(300);
    return answer;
  };
  const send = (to: object, message: string) => call('POST', '/notifications', { to, type: 'user_message', message });
  const textsOf = (client: ResumingClient) => client.of('user_message').map(({ message }) => message);
  function connect(user: string, query: Record<string, string> = {}, claims: object = {}): ResumingClient {
    const client = new ResumingClient();
    client.connect(transport, last(), token({ sub: user, ...claims }), query);
    onTestFinished(() => client.cut());
    return client;
  }

  test('a client is greeted, is sent what waits, and then hears what is live, in order and once', async () => {
    const user = someone();
    for (const message of ['a', 'b']) await send({ user }, message);
    const client = connect(user);
    await until(() => client.has('synced'));
    expect(client.greetings[0]).toMatchObject({ user_id: user, cursor: null, recovered: true });
    expect(client.of('user_message')).toMatchObject([{ message: 'a', snapshot: true }, { message: 'b' }]);
    for (let n = 0; n < 20; n++) await send({ user }, `${n}`);
    const expected = ['a', 'b', ...Array.from({ length: 20 }, (_, n) => `${n}`)];
    await expect.poll(() => textsOf(client)).toEqual(expected);
  });

  test('a client that is cut again and again, and comes back to any node, gets each message once and in order', async () => {
    const user = someone();
    const client = connect(user);
    await until(() => client.has('synced'));
    const jwt = token({ sub: user });
    for (let n = 0; n < 60; n++) {
      await send({ user }, `${n}`);
      if (n % 7 === 3) client.cut();
      if (n % 7 === 5) client.connect(transport, nodesOf()[n % nodesOf().length] as RunningServer, jwt);
    }
    client.connect(transport, first(), jwt);
    const expected = Array.from({ length: 60 }, (_, n) => `${n}`);
    await expect.poll(() => textsOf(client)).toEqual(expected);
    expect(client.greetings.every(({ recovered }) => recovered)).toBe(true);
  });

  test('a cursor that cannot be resumed from is said to be lost, and a snapshot follows', async () => {
    const user = someone();
    await send({ user }, 'held');
    const client = new ResumingClient();
    client.cursor = 'unknown:1:AAAAAAAA';
    client.connect(transport, last(), token({ sub: user }));
    onTestFinished(() => client.cut());
    await until(() => client.has('synced'));
    expect(client.greetings[0]).toMatchObject({ recovered: false, cursor: null });
    expect(client.of('user_message')).toMatchObject([{ message: 'held', snapshot: true }]);
  });

  test('what a user does on one device follows on the others, and by their cursors later', async () => {
    const user = someone();
    const { id } = await send({ user }, 'to read');
    const [here, away] = [connect(user), connect(user)];
    for (const client of [here, away]) await until(() => client.has('synced'));
    away.cut();
    expect((await first().callAs(user, 'POST', '/api/v1/actions', { action: 'mark_read', id })).body).toMatchObject({
      marked: 1,
    });
    away.connect(transport, last(), token({ sub: user }));
    for (const client of [here, away]) {
      await until(() => client.of('receipts').length > 0);
      expect(client.of('receipts')[0]).toMatchObject({ unread_count: 0, items: [{ id }] });
    }
  });

  test('a task that reports in a hurry ends as it ended, and never goes back', async () => {
    const user = someone();
    const task = `of-${user}`;
    const client = connect(user, { topics: `task:${task}` });
    await until(() => client.has('subscribed'));
    const reports = Array.from({ length: 100 }, (_, n) => call('PATCH', `/tasks/${task}`, { progress: n }));
    await Promise.all(reports);
    await call('PATCH', `/tasks/${task}`, { status: 'completed', result: { rows: 7 } });
    await until(() => client.of('task_complete').length > 0);
    expect(client.of('task_complete')).toMatchObject([{ task_id: task, result: { rows: 7 } }]);
    const revs = client.records.map(({ rev }) => rev as number);
    expect(revs).toEqual([...revs].sort((a, b) => a - b));
  });

  test('a client follows another task beside its cursor: what there is of it comes, then what is new', async () => {
    const user = someone();
    const [one, other] = [`one-of-${user}`, `other-of-${user}`];
    for (const task of [one, other]) await call('PATCH', `/tasks/${task}`, { progress: 5 });
    const client = connect(user, { topics: `task:${one}` });
    await until(() => client.of('task_update').length === 1);
    client.cut();
    await call('PATCH', `/tasks/${one}`, { progress: 50 });
    const jwt = token({ sub: user });
    client.connect(transport, last(), jwt, { topics: `task:${one}`, subscribe: `task:${other}` });
    await until(() => client.of('task_update').length === 3);
    expect(client.of('task_update')).toMatchObject([
      { task_id: one, progress: 5 },
      { task_id: one, progress: 50, replayed: true },
      { task_id: other, progress: 5, snapshot: true },
    ]);
    await call('PATCH', `/tasks/${other}`, { progress: 60 });
    await until(() => client.of('task_update').length === 4);
  });

  test("a task of somebody else's says nothing", async () => {
    const [owner, stranger] = [someone(), someone()];
    const task = `of-${owner}`;
    await call('POST', '/tasks', { task_id: task, name: 'Secret', owner });
    const client = connect(stranger, { topics: `task:${task}` });
    await until(() => client.has('subscribed'));
    await call('PATCH', `/tasks/${task}`, { progress: 50 });
    await send({ user: stranger }, 'the end');
    await until(() => textsOf(client).length === 1);
    expect(client.records).toHaveLength(1);
  });

  test('a role is heard as long as it is held, also by the cursor later', async () => {
    const user = someone();
    const role = `role-of-${user}`;
    const client = connect(user, {}, { roles: [role] });
    await until(() => client.has('synced'));
    await send({ role }, 'as a member');
    await until(() => textsOf(client).length === 1);
    client.cut();
    await call('PUT', `/users/${user}/roles`, { roles: [] });
    await send({ role }, 'not any more');
    client.connect(transport, last(), token({ sub: user }));
    await send({ user }, 'to the user');
    await until(() => textsOf(client).length === 2);
    expect(textsOf(client)).toEqual(['as a member', 'to the user']);
    expect(client.of('topic_left')).toMatchObject([{ topic: `role:${role}` }]);
  });

  test('a token that is revoked ends the connection on every node, and opens no other', async () => {
    const user = someone();
    const client = connect(user);
    await until(() => client.has('synced'));
    await call('POST', '/tokens/revoke', { user });
    await until(() => client.end !== null);
    expect(client.end).toMatchObject({ code: 4401 });
    client.connect(transport, first(), token({ sub: user }));
    await until(() => client.end !== null);
    expect(client.end).toMatchObject({ code: 4401 });
  });

  test('a server that restarts ends its connections, and what was sent meanwhile is there', async () => {
    const user = someone();
    const client = connect(user);
    await until(() => client.has('synced'));
    await send({ user }, 'before');
    await until(() => textsOf(client).length === 1);
    await last().restart((tidings) => tidings.notify({ to: { user }, type: 'user_message', message: 'meanwhile' }));
    await until(() => client.end !== null);
    client.connect(transport, last(), token({ sub: user }));
    await send({ user }, 'after');
    await until(() => textsOf(client).length === 3);
    expect(textsOf(client)).toEqual(['before', 'meanwhile', 'after']);
  });
}
