import { styleText } from 'node:util';

export interface Ready {
  url: string;
  apiKey: string;
  /** A remark where something is not as usual; else empty. */
  note: string;
}

/** First steps with a development server, each as a line to paste. */
export function readyLines({ url, apiKey, note }: Ready): string {
  const strong = (text: string): string => styleText('bold', text, { stream: process.stdout });
  const lines: [string, string][] = [
    ['Browser', `${url}/test?user=alice`],
    ['Listen', 'npx tidings listen --user alice'],
    ['Send', 'npx tidings send alice "Hello"'],
    ['wscat', `npx wscat -c "${url.replace(/^http/, 'ws')}/ws/notifications/?user=alice"`],
    ['Room', `npx wscat -c "${url.replace(/^http/, 'ws')}/ws/projects/12/?user=alice&grants=project:12:rw"`],
    ['curl', curl(url, apiKey)],
    ['Code', `import { wsSendMessage } from '@tidings/sender';`],
    ['', `await wsSendMessage('alice', 'Hello');`],
  ];
  return [
    ...['', `  ${strong(`Tidings is ready at ${url}`)}`, ...(note ? [`  ${note}`] : []), ''],
    ...lines.map(([name, line]) => `  ${strong(name.padEnd(8))}  ${line}`),
    ...[
      '',
      '  This machine only; users are who they say, with the rights that they say. Secrets and records are kept in .tidings. Ctrl-C stops it.',
      '',
    ],
  ].join('\n');
}

/** Double quotes inside and out, since Windows' shells know no other. */
function curl(url: string, apiKey: string): string {
  const body = JSON.stringify({ to: { user: 'alice' }, message: 'Hello' });
  const quoted = process.platform === 'win32' ? `"${body.replaceAll('"', '\\"')}"` : `'${body}'`;
  const headers = `-H "Authorization: Bearer ${apiKey}" -H "Content-Type: application/json"`;
  return `curl ${url}/api/v1/notifications ${headers} -d ${quoted}`;
}
