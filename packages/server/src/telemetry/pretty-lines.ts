import { styleText } from 'node:util';

/** The stream that pino writes lines to. */
interface LineStream {
  write(line: string): void;
}

const styles: Record<string, 'red' | 'yellow' | 'cyan' | 'gray'> = {
  error: 'red',
  warn: 'yellow',
  info: 'cyan',
  debug: 'gray',
};

/** Members of a log line that are not repeated after its head and its message. */
const headMembers = new Set(['level', 'time', 'msg', 'type', 'err']);

/** Turns structured lines into ones for a person at a terminal: time, level, what happened, then the rest as `name=value`. */
export const prettyLines = (out: NodeJS.WriteStream): LineStream => ({
  write(line) {
    const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown> & { level: string; time: string };
    const colour = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream: out });
    const clock = new Date(time).toTimeString().slice(0, 8);
    const members = Object.entries(rest).filter(([name, value]) => !headMembers.has(name) && value !== null);
    const details = members.map(
      ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    const label = colour(styles[level] ?? 'gray', level.padEnd(5));
    out.write(
      `${colour('gray', clock)} ${label} ${String(msg)}${details.length ? colour('gray', `  ${details.join(' ')}`) : ''}\n`,
    );
  },
});
