import { setTimeout as pause } from 'node:timers/promises';
import type { ServerProcess } from '../server-process.ts';
import type { Fault } from './fault.ts';

export const killed: Fault = {
  name: 'killed',
  about: 'kill -9 of a server, which is started again',
  restarts: true,
  async strike(stage) {
    const server = stage.choices.pick(stage.servers);
    await server.kill();
    await pause(stage.choices.below(400));
    await stage.startAgain(server);
  },
};

export const killedBeforeAnswer: Fault = {
  name: 'killed before its answer',
  about: 'kill -9 after a commit whose answer nobody got; the sender sends it again with the same key',
  restarts: true,
  async strike(stage) {
    const [server] = stage.servers as [ServerProcess];
    await stage.waiting('an answer to the sender', stage.toSender.swallowAnswer());
    await server.kill();
    await stage.startAgain(server);
  },
};

export const replaced: Fault = {
  name: 'replaced',
  about: 'each server is stopped in good order and started again, one after the other',
  restarts: true,
  async strike(stage) {
    for (const server of stage.servers) {
      await stage.waiting(`the server on port ${server.port} to end in good order`, server.stop());
      await stage.startAgain(server);
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
