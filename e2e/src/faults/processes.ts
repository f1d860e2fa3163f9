import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './fault.ts';

export const killed: Fault = {
  name: 'killed',
  about: 'kill -9 of a server, which is started again',
  async strike({ servers, choices }) {
    const server = choices.pick(servers);
    await server.kill();
    await pause(choices.below(400));
    await server.start();
  },
};

export const killedBeforeAnswer: Fault = {
  name: 'killed before its answer',
  about: 'kill -9 after a commit whose answer nobody got; the sender sends it again with the same key',
  async strike({ servers, toSender }) {
    await toSender.swallowAnswer();
    await servers[0]?.kill();
    await servers[0]?.start();
  },
};

export const replaced: Fault = {
  name: 'replaced',
  about: 'each server is stopped in good order and started again, one after the other',
  async strike({ servers }) {
    for (const server of servers) {
      await server.stop();
      await server.start();
    }
  },
};

export const frozen: Fault = {
  name: 'frozen',
  about: 'SIGSTOP of a server, and SIGCONT seconds later',
  async strike(stage) {
    const server = stage.choices.pick(stage.servers);
    server.signal('SIGSTOP');
    await pause(stage.ms(1_500, 30_000));
    server.signal('SIGCONT');
  },
};

export const clockSet: Fault = {
  name: 'clock set',
  about: 'the clock of a server jumps an hour forward, and back',
  async strike(stage) {
    const server = stage.choices.pick(stage.servers);
    server.signal('SIGUSR2');
    await pause(stage.ms(1_000, 5_000));
    server.signal('SIGUSR2');
    await pause(stage.ms(500, 5_000));
  },
};
