import type { NotifyInput, NotifyResult } from '@tidings/protocol';
import { expect } from 'vitest';
import { runAction } from '../src/commands/actions.ts';
import type { BackEnd, Person } from '../src/commands/context.ts';
import { editNotification, retractNotification } from '../src/commands/notifications.ts';
import { notifyMany } from '../src/commands/notify.ts';
import type { Store } from '../src/domain/ports.ts';
import { DueJobs } from '../src/jobs/due-jobs.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { type Ask, type Beginning, beginningOf, compareDevice, compareLists, compareUnread } from './inbox-compare.ts';
import { InboxModel, type ModelRecipient } from './inbox-model.ts';
import { type InboxScenario, type InboxStep, type PublishStep, people, recipients } from './inbox-steps.ts';
import { clockAt } from './manual-clock.ts';
import { ReferenceClient } from './reference-client.ts';
import type { HandClock } from './store-fixture.ts';
import { requestOf, tick, until, World } from './world.ts';

const lookback = 600_000;
/** Time in which devices must become right, ms. */
const rightWithinMs = 3_000;
const caller: BackEnd = { kind: 'back_end', scope: 'test' };
const iso = (ms: number): string => new Date(ms).toISOString();

type StepOf<D extends InboxStep['do']> = Extract<InboxStep, { do: D }>;

/** One device of a person, at one of the nodes. */
interface Device {
  person: string;
  world: World;
  client: ReferenceClient;
  /** The snapshot with which the device last began; null if other steps happened meanwhile. */
  beginning: Beginning | null;
}

/**
 * Does the steps of a scenario with a whole server, of two nodes with a faulty broker each, and with the model, and compares:
 * what is answered at once, and the lists, counts and devices whenever all is quiet.
 */
export class InboxPlay {
  readonly model = new InboxModel(people, lookback);
  readonly devices: Device[];
  readonly worlds: readonly World[];
  readonly #store: Store;
  readonly #clock: HandClock;
  readonly #scenario: InboxScenario;
  /** Every notification there ever was, by the id it goes by. */
  readonly #ids: string[] = [];
  /** The notifications that each person was ever able to see. */
  readonly #shown = new Map<string, Set<string>>(people.map((person) => [person, new Set()]));
  /** Head of the sequence and moment of the model after each step. */
  readonly #places: { rev: number; moment: number }[] = [];
  #latest: number;
  #made = 0;

  /** @param stores of the two nodes; one and the same where a database can have only one */
  constructor(stores: readonly [Store, Store], clock: HandClock, scenario: InboxScenario) {
    const { fates, pageSize, holdFrames, recent } = scenario;
    const limits = {
      pageSize,
      holdFrames,
      recent,
      pingIntervalMs: 0,
      roleLookbackMs: lookback,
      actionBurst: 1_000_000,
      workBurst: 1_000_000,
    };
    this.worlds = stores.map(
      (store) => new World(store, { limits, broker: new FaultyBroker(fates), clock: clockAt(() => clock.now) }),
    );
    this.#store = stores[0];
    this.#clock = clock;
    this.#latest = clock.now;
    this.#scenario = scenario;
    this.devices = Array.from({ length: 2 * people.length }, (_, n) => this.#device(n));
  }

  #device(n: number): Device {
    const [person, world] = [people[n % people.length] as string, this.worlds[n % 2] as World];
    return { person, world, client: new ReferenceClient(world, `/ws/?user=${person}`), beginning: null };
  }

  async run(): Promise<void> {
    for (const world of this.worlds) world.hub.start(await this.#store.head());
    for (const step of [...this.#scenario.steps, { do: 'clockwork' } as const, { do: 'look' } as const]) {
      await this.#play(step);
    }
  }

  stop(): void {
    for (const { registry, hub } of this.worlds) {
      registry.abandonAll();
      hub.stop();
    }
  }

  async #play(step: InboxStep): Promise<void> {
    const before = await this.#store.head();
    const notedAt = await this.#do(step);
    const { head } = await this.#store.head();
    if (head > before.head && notedAt !== null) this.model.noted(notedAt);
    this.#places.push({ rev: head, moment: this.model.moment });
    this.#noteShown();
    this.#clock.now++;
    this.#latest = Math.max(this.#latest, this.#clock.now);
  }

  #noteShown(): void {
    for (const note of this.model.notes.values()) {
      for (const [person, shown] of this.#shown) {
        if (note.status !== 'waiting' && this.model.isFor(person, note)) shown.add(note.id);
      }
    }
  }

  /** @returns the time of what was written, where that may be noted */
  async #do(step: InboxStep): Promise<number | null> {
    switch (step.do) {
      case 'publish':
        return this.#publish(step);
      case 'edit':
        return this.#edit(step);
      case 'retract':
        return this.#retract(step);
      case 'mark':
        return this.#mark(step);
      case 'read all':
        return this.#readAll(step);
      case 'roles':
        return this.#roles(step);
      case 'connect':
        return this.#connect(this.#deviceAt(step.device), step);
      case 'clockwork':
        return this.#clockwork();
      case 'pass':
        this.#clock.now += step.ms;
        return null;
      case 'purge':
        // Weeks later, when every node has long received them.
        for (const world of this.worlds) await this.#compare(world);
        await this.#store.forgetRetractions(this.#latest, 100);
        this.model.forget();
        return null;
      case 'compare':
        await Promise.all(this.worlds.map((world) => world.hub.compare()));
        return null;
      case 'wait':
        for (let n = 0; n < 3; n++) await tick();
        return null;
      case 'look':
        await this.#look();
        return null;
      default:
        return this.#line(step);
    }
  }

  #deviceAt = (n: number): Device => this.devices[n % this.devices.length] as Device;
  #contextOf = (n: number) => (this.worlds[n % 2] as World).context;

  async #line(step: StepOf<'cut' | 'flow' | 'stall' | 'sweep'>): Promise<null> {
    const { client, world } = this.#deviceAt(step.device);
    if (step.do === 'stall') client.connection?.stall(step.bytes);
    else if (step.do === 'flow') client.connection?.flow();
    else if (step.do === 'sweep') await world.sweep();
    else this.#cut(client);
    await tick();
    return null;
  }

  #cut(client: ReferenceClient): void {
    client.apply();
    client.connection?.cut();
  }

  // --- back ends

  async #publish(step: PublishStep): Promise<number> {
    const { now } = this.#clock;
    const context = this.#contextOf(step.to);
    const inputs = Array.from({ length: step.count }, (_, i) => this.#inputOf(step, i));
    const results = await notifyMany(context, caller, inputs);
    if (step.retried) {
      const again = await notifyMany(this.#contextOf(step.to + 1), caller, inputs);
      expect(again).toEqual(results.map(({ id, rev }) => ({ id, rev, duplicate: true })));
    }
    inputs.forEach((input, i) => {
      const result = results[i] as NotifyResult;
      const id = result.collapsed ? `renewal ${this.#made}.${i}` : result.id;
      const time = (text: string | undefined) => (text === undefined ? null : Date.parse(text));
      const stands = this.model.publish(
        id,
        {
          ...{ to: recipientOf(input.to), title: input.title ?? '', category: step.category, silent: step.silent },
          ...{ collapse: step.collapse, expiresAt: time(input.expires_at), deliverAt: time(input.deliver_at) },
        },
        now,
      );
      expect(result.id, 'the notification that stands for it').toBe(stands);
      this.#ids.push(result.id);
    });
    return now;
  }

  #inputOf({ to, silent, category, collapse, expires, waits, retried }: PublishStep, i: number): NotifyInput {
    const out = this.#clock.now + (waits ?? 0) + i;
    const title = `title ${++this.#made}`;
    return {
      to: recipients[to] as NotifyInput['to'],
      title,
      ...(silent ? { silent } : {}),
      ...(category === '' ? {} : { category }),
      ...(collapse === null ? {} : { collapse_key: collapse }),
      ...(waits === null ? {} : { deliver_at: iso(out) }),
      ...(expires === null ? {} : { expires_at: iso(out + expires) }),
      ...(retried ? { idempotency_key: title } : {}),
    };
  }

  async #edit({ note, category, expires }: StepOf<'edit'>): Promise<null> {
    const id = this.#idAt(note);
    const there = this.model.notes.get(id);
    const title = `title ${++this.#made}`;
    const from = Math.max(this.#clock.now, there?.status === 'waiting' ? (there.deliverAt as number) : 0);
    const expiresAt = expires === null ? null : from + expires;
    const edit = editNotification(this.#contextOf(note), id, {
      title,
      ...(category === null ? {} : { category: category === '' ? null : category }),
      ...(expiresAt === null ? {} : { expires_at: iso(expiresAt) }),
    });
    if (!there) await expect(edit).rejects.toMatchObject({ code: 'not_found' });
    else if (there.status === 'retracted' || (there.status === 'expired' && expires === null)) {
      await expect(edit).rejects.toMatchObject({ code: 'conflict' });
    } else {
      await edit;
      const change = {
        title,
        ...(category === null ? {} : { category }),
        ...(expiresAt === null ? {} : { expiresAt }),
      };
      this.model.edit(id, change);
    }
    return null;
  }

  async #retract({ note }: StepOf<'retract'>): Promise<number> {
    const id = this.#idAt(note);
    const retraction = retractNotification(this.#contextOf(note), id);
    if (!this.model.notes.has(id)) await expect(retraction).rejects.toMatchObject({ code: 'not_found' });
    else {
      await retraction;
      this.model.retract(id);
    }
    return this.#clock.now;
  }

  async #roles({ person, roles }: StepOf<'roles'>): Promise<number> {
    const userId = people[person] as string;
    await (this.worlds[person % 2] as World).roles.set(userId, roles);
    this.model.say(userId, roles, this.#clock.now);
    return this.#clock.now;
  }

  /** Both nodes at once, until nothing is due. */
  async #clockwork(): Promise<number | null> {
    const { now } = this.#clock;
    for (let isDue = true; isDue; ) {
      await Promise.all(this.worlds.map(({ store }) => new DueJobs(store).run()));
      const { records, snoozed } = await this.#store.dueItems(1);
      isDue = records.length + snoozed.length > 0;
    }
    return this.model.elapse(now) ? now : null;
  }

  #idAt = (n: number): string => this.#ids[n % (this.#ids.length + 1)] ?? 'nowhere';

  // --- people

  /** Comes with what is said of roles; a clock that was set back would make that older than what was said before. */
  async #connect(device: Device, { fresh, roles }: { fresh: boolean; roles: string[] | null }): Promise<number | null> {
    const { person, world } = device;
    const said = this.#clock.now < this.#latest ? null : roles;
    if (said !== null) await this.#compare(world);
    this.#cut(device.client);
    if (fresh) device.client = new ReferenceClient(world, `/ws/?user=${person}`);
    await device.client.connect(undefined, said === null ? '' : `&roles=${said.join()}`);
    const isNews = this.model.greet(person, said, this.#clock.now);
    if (fresh) await until(() => device.client.isSynced || !device.client.isUp);
    const hasBegun = device.client.connection?.of('connection_established')[0]?.cursor === null;
    if (fresh) device.beginning = beginningOf(this.model, person);
    else if (hasBegun) device.beginning = null;
    return isNews ? this.#clock.now : null;
  }

  /** Does the work of a node's one-second timer: only then does it learn of batches that the broker lost, such as other nodes' changes of roles. */
  async #compare(world: World): Promise<void> {
    await world.hub.compare();
    await world.hub.reached((await this.#store.head()).head);
  }

  /** Somebody asks over HTTP. */
  async #http(world: World, userId: string): Promise<Person> {
    await this.#compare(world);
    const { now } = this.#clock;
    const identity = await world.authenticator.authenticate(requestOf(`/api/v1/?user=${userId}`), now);
    if (this.model.greet(userId, null, now)) this.model.noted(now);
    return { kind: 'person', identity, connection: null };
  }

  /** Has an action done, over a device's socket where it can answer. @returns its answer, or the error's code */
  async #act(
    { client, world, person }: Device,
    over: 'socket' | 'http',
    action: { action: string },
  ): Promise<Record<string, unknown>> {
    await this.#compare(world);
    if (over === 'socket' && client.isUp && client.isSynced) {
      const { connection } = client;
      const ref = `ref ${++this.#made}`;
      connection?.flow();
      connection?.say({ ...action, ref });
      for (const end = Date.now() + 40_000; Date.now() < end && client.isUp; await tick()) {
        const answer = connection?.received.find((frame) => frame.ref === ref);
        if (answer) return answer;
      }
    }
    const someone = await this.#http(world, person);
    try {
      return (await runAction(world.context, someone, action as never)) as Record<string, unknown>;
    } catch (error) {
      return { code: (error as { code: string }).code };
    }
  }

  async #mark({ mark, notes, until, device: n, over }: StepOf<'mark'>): Promise<number> {
    const device = this.#deviceAt(n);
    const { now } = this.#clock;
    const ids = [...new Set(notes.map(this.#idAt))];
    const name = mark === 'read' || mark === 'unread' ? `mark_${mark}` : mark;
    const action = { action: name, ids, ...(mark === 'snooze' ? { until: iso(now + until) } : {}) };
    const answer = await this.#act(device, over, action);
    this.model.greet(device.person, null, now);
    const { marked, missing } = this.model.mark(device.person, mark, ids, mark === 'snooze' ? now + until : null);
    if (missing.length === ids.length) expect(answer.code).toBe('not_found');
    else expect(answer).toMatchObject({ marked, not_found: missing });
    return now;
  }

  async #readAll({ device: n, upTo, over }: StepOf<'read all'>): Promise<number> {
    const device = this.#deviceAt(n);
    await this.#http(device.world, device.person);
    const { head } = await this.#store.head();
    const here = { rev: head, moment: this.model.moment };
    const beyond = { rev: head + 1_000, moment: here.moment };
    const place = upTo === null ? here : upTo === 0 ? beyond : (this.#places.at(-upTo) ?? here);
    await this.#act(device, over, {
      action: 'mark_all_read',
      ...(upTo === null && over === 'http' ? {} : { up_to: place.rev }),
    } as never);
    this.model.readAll(device.person, place.moment);
    return this.#clock.now;
  }

  // --- comparing

  /** Waits until everything is delivered, and compares. */
  async #look(): Promise<void> {
    for (const device of this.devices) if (!device.client.isUp) await this.#come(device);
    for (const end = Date.now() + rightWithinMs; ; ) {
      await this.#settle();
      const error = this.#misfit();
      if (!error) break;
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const world = this.worlds[0] as World;
    for (const person of people) {
      const someone = await this.#http(world, person);
      const ask: Ask = (action) => runAction(world.context, someone, action as never) as never;
      const { head } = await world.store.head();
      await compareLists(person, this.model, ask, { limit: 1 + (this.#made % 7), head });
    }
  }

  /** The difference between the devices and the model; devices may not have received everything yet. */
  #misfit(): unknown {
    this.#noteShown();
    try {
      for (const { person, client, beginning } of this.devices) {
        compareDevice(person, client, this.model, this.#shown.get(person) as Set<string>);
        const isWhole = beginning && client.unrecovered === 0 && this.#scenario.recent > 100;
        if (isWhole) compareUnread(person, client, this.model, beginning);
      }
      return null;
    } catch (error) {
      return error;
    }
  }

  async #come(device: Device): Promise<void> {
    const notedAt = await this.#connect(device, { fresh: false, roles: null });
    if (notedAt !== null) this.model.noted(notedAt);
  }

  async #settle(): Promise<void> {
    for (const world of this.worlds) await this.#compare(world);
    for (const device of this.devices) {
      device.client.connection?.flow();
      device.client.apply();
      if (!device.client.isUp) await this.#come(device);
      for (const end = Date.now() + 40_000; !device.client.isSynced && device.client.isUp && Date.now() < end; )
        await tick();
    }
    for (let n = 0; n < 3; n++) await tick();
    for (const { client } of this.devices) client.apply();
  }
}

function recipientOf(to: NotifyInput['to']): ModelRecipient {
  if ('user' in to) return { users: [String(to.user)] };
  if ('users' in to) return { users: to.users.map(String) };
  if ('username' in to) return { names: [String(to.username)] };
  if ('usernames' in to) return { names: to.usernames.map(String) };
  return { topic: 'role' in to ? `role:${to.role}` : 'everyone' };
}
