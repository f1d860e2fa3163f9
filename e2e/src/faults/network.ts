import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const resets: Fault = {
  name: 'resets',
  about: 'every connection is reset every few seconds',
  async strike(stage) {
    const { toClients, toSender, choices } = stage;
    for (let n = 0; n < stage.ms(30, 600); n++) {
      choices.pick(toClients).reset();
      if (n % 10 === 0) toSender.reset();
      await pause(100);
    }
  },
};

export const halfOpen: Fault = {
  name: 'half-open',
  about: 'connections die unnoticed, of clients and of the sender; in the long form for longer than a ping may take',
  async strike(stage) {
    const { toClients, toSender, choices } = stage;
    const ends = Array.from({ length: 6 }, () => choices.pick(toClients).halfOpen());
    ends.push(toSender.halfOpen());
    await pause(stage.ms(2_500, 75_000));
    for (const end of ends) end();
  },
};

export const dark: Fault = {
  name: 'dark',
  about: 'the network before a server is gone, and nobody is told',
  sparesSender: true,
  async strike(stage) {
    const light = stage.choices.pick(stage.toClients).goDark();
    await pause(stage.ms(1_500, 60_000));
    light();
  },
};

export const away: Fault = {
  name: 'away',
  about: 'a third of the people are offline while much is sent, 10,000 messages in the long form',
  async strike(stage) {
    const { oracle, choices } = stage;
    const leaving = oracle.people.filter(() => choices.below(3) === 0);
    for (const { client } of leaving) client.disconnect();
    for (let sent = 0; sent < stage.ms(300, 10_000); sent += 100) {
      for (let n = 0; n < 100; n++) stage.send();
      await stage.answered();
    }
    await stage.connected(leaving);
  },
};

export const stopped: Fault = {
  name: 'stopped readers',
  about: 'some clients take nothing while large messages come; they catch up later',
  async strike(stage) {
    const { toClients, choices, oracle } = stage;
    const ends = Array.from({ length: 4 }, () => choices.pick(toClients).hold());
    for (let n = 0; n < stage.ms(20, 60); n++) {
      void oracle.send({ everyone: true }, 100_000);
      if (n % 10 === 9) await stage.answered();
    }
    await pause(stage.ms(500, 10_000));
    for (const end of ends) end();
    // They catch up on more than the way back takes.
    await stage.allBack();
  },
};

export const refused: Fault = {
  name: 'refused transports',
  about:
    'upgrades are cut, then event streams too, then nothing: clients that can change their transport do, in mid-stream',
  sparesSender: true,
  async strike(stage) {
    const upgrades = /upgrade: websocket/i;
    const streams = /upgrade: websocket|GET \/api\/v1\/events/i;
    for (const asked of [upgrades, streams]) {
      const ends = stage.toClients.map((proxy) => proxy.refuse(asked));
      await pause(stage.ms(2_000, 20_000));
      for (const end of ends) end();
    }
  },
};
