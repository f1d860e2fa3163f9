import { styleText } from 'node:util';
import { people } from './app/people.ts';
import type { Demo } from './demo.ts';

/** What the terminal shows once the demo runs. Colours only where the terminal has them. */
export function readyText({ url, erpUrl }: Demo, erp: 'simulator' | 'remote'): string {
  const strong = (text: string) => styleText('bold', text);
  const quiet = (text: string) => styleText('dim', text);
  const [first] = people;
  const id = first?.id ?? '';
  const port = new URL(url).port;
  return `
  ${strong('Budget transfers')} ${quiet('· a Tidings demo')}

  Open     ${styleText(['bold', 'cyan'], url)}
  Sign in  ${people.map(({ name, title }) => `${name} ${quiet(`(${title.toLowerCase()})`)}`).join(', ')}
           ${quiet(`Two people at once: http://localhost:${port} has a sign-in of its own.`)}

  In another terminal
    npx tidings send ${id} "Hello"
    npx tidings listen --user ${id}
    npx tidings file ${id} ${url}/page/favicon.svg

  ${quiet(`ERP      ${erp === 'simulator' ? `simulator at ${erpUrl}` : erpUrl}`)}
  ${quiet('Data     .tidings/ · Ctrl-C stops; what runs goes on at the next start')}

`;
}
