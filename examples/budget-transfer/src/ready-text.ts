import { styleText } from 'node:util';
import { people } from './app/people.ts';
import type { Demo } from './demo.ts';

/** The text in the terminal once the demo runs. Colours only if the terminal has them. */
export function readyText({ url, erpUrl }: Demo, erp: 'simulator' | 'remote'): string {
  const strong = (text: string) => styleText('bold', text);
  const quiet = (text: string) => styleText('dim', text);
  const [first] = people;
  const id = first?.id ?? '';
  const { port } = new URL(url);
  const places = people.map((person) => [person.name, `http://${person.id}.localhost:${port}`, person.title] as const);
  const widthOf = (column: 0 | 1) => Math.max(...places.map((place) => place[column].length)) + 2;
  const lines = places.map(
    ([name, address, title]) =>
      `${name.padEnd(widthOf(0))}${quiet(`${address.padEnd(widthOf(1))}${title.toLowerCase()}`)}`,
  );
  return `
  ${strong('Budget transfers')} ${quiet('· a Tidings demo')}

  Open     ${styleText(['bold', 'cyan'], url)}
  As       ${lines.join('\n           ')}
           ${quiet('Each name has a sign-in of its own: be several people at once, in tabs side by side.')}

  Try      ${quiet('1')} As Maria, submit "November transfers": one notification, from the first step to the download
           ${quiet('2')} Submit "Year-end reserve", and approve it as Tom, or as Priya: who is first decides
           ${quiet('3')} Open a second tab: snooze, archive, undo, mark read in one, and watch the other
           ${quiet('4')} Click "Live" to go offline, let something happen, and come back
           ${quiet('5')} Let the ERP go down for maintenance, and Retry once it is back
           ${quiet('6')} As Alex, announce something, change it, take it back
           ${quiet('7')} Open "Projects" as Maria and as Tom: comment, mention each other, approve
           ${quiet('8')} Open "Notes" in both, and write at once: the other's cursor has a name
           ${quiet('9')} Open "Health" as Alex, keep the server busy, and watch an incident begin and end

  Look     ${quiet(`the calls and frames behind it: ${url}/docs`)}

  In another terminal
    npx tidings send ${id} "Hello"
    npx tidings listen --user ${id}
    npx tidings file ${id} ${url}/page/favicon.svg

  ${quiet(`ERP      ${erp === 'simulator' ? `simulator at ${erpUrl}` : erpUrl}`)}
  ${quiet('Data     .tidings/ · Ctrl-C stops; what runs goes on at the next start')}

`;
}
