import type { ComponentHealth, HealthState, NodeHealth, NodeIncident, SystemHealth } from '@tidings/sender';
import type { Command } from 'commander';
import { localTime } from '../instant.ts';
import { addSenderFlags, type SenderFlags, withSender } from '../sender-flags.ts';
import { columns, oneLine } from '../text.ts';

/** The exit codes, by which a script or a monitor tells the states apart. */
const exitCodeOf: Record<HealthState, number> = { ok: 0, degraded: 1, down: 2 };

const details = `
Exit codes: 0 ok, 1 degraded, 2 down; of several nodes that of the worst.
A server that does not answer is 1, as a command that is not accepted.`;

/** `tidings health`: how every component of every node is, and why. */
export function health(program: Command): void {
  const command = program.command('health').description('show how the server is: its components, nodes and incidents');
  addSenderFlags(command)
    .addHelpText('after', details)
    .action(async (flags: SenderFlags) => {
      const found = await withSender(flags, (sender) => sender.systemHealth());
      console.log(flags.json ? JSON.stringify({ ok: true, ...found }) : describe(found));
      const nodes = [found, ...found.other_nodes];
      process.exitCode = Math.max(...nodes.map(({ status }) => exitCodeOf[status]));
    });
}

function describe({ other_nodes, history, ...asked }: SystemHealth): string {
  const incidents = ['Incidents', ...history.map((one) => `  ${describeIncident(one)}`)].join('\n');
  return [...[asked, ...other_nodes].map(describeNode), ...(history.length > 0 ? [incidents] : [])].join('\n\n');
}

function describeNode({ node, status, components, canary }: NodeHealth): string {
  const rows = Object.entries(components).flatMap(([name, component]) => rowsOf(name.replaceAll('_', ' '), component));
  const sent = canary.sent_at === null ? 'has not been sent yet' : `was last sent ${localTime(canary.sent_at)}`;
  return [
    `Node ${node}: ${status}`,
    ...columns(rows).map((line) => `  ${line}`),
    `  The canary ${canary.running ? sent : 'is off'}.`,
  ].join('\n');
}

/** A line for each reason, the first beside the component. */
function rowsOf(name: string, { state, latency_ms, reasons }: ComponentHealth): string[][] {
  const latency = latency_ms === null ? '' : `${latency_ms} ms`;
  const [first = '', ...others] = reasons.map(oneLine);
  return [[name, state, latency, first], ...others.map((reason) => ['', '', '', reason])];
}

function describeIncident({ node, component, state, started_at, ended_at, ended_by, reasons }: NodeIncident): string {
  const start = localTime(started_at);
  const when = ended_at === null ? `since ${start}` : `from ${start} to ${localTime(ended_at)}`;
  const restart = ended_by === 'restart' ? ', until its node was stopped or lost' : '';
  const reason = reasons[0] === undefined ? '' : `: ${oneLine(reasons[0])}`;
  return `${component.replaceAll('_', ' ')} of ${node}: ${state} ${when}${restart}${reason}`;
}
