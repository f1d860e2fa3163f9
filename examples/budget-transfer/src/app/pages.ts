import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { Refusal } from './http.ts';
import { type Person, people } from './people.ts';

const folder = new URL('../page/', import.meta.url);
/** Modules with packages in them, bundled: served in the place of their sources. */
const bundles = new URL('../../public/build/', import.meta.url);
const bundled = ['editor.js'];

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

const policy =
  "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/** The editor brings styles of its own, by the nonce, and colours people by attributes. */
const policyWith = (nonce: string): string =>
  `${policy}; style-src 'self' 'nonce-${nonce}'; style-src-attr 'unsafe-inline'`;

export interface Pages {
  sendHome(response: ServerResponse): Promise<void>;
  sendSignIn(response: ServerResponse): Promise<void>;
}

export const pages: Pages = {
  async sendHome(response) {
    const nonce = randomBytes(16).toString('base64url');
    const html = await readFile(new URL('index.html', folder), 'utf8');
    send(response, 'html', html.replace('csp-nonce" nonce=""', `csp-nonce" nonce="${nonce}"`), nonce);
  },
  async sendSignIn(response) {
    const html = await readFile(new URL('sign-in.html', folder), 'utf8');
    send(response, 'html', html.replace('<!-- people -->', people.map(choiceOf).join('\n')));
  },
};

/** Sends a file of the page's folder, as it is, or bundled. Throws Refusal 404. */
export async function sendPageFile(response: ServerResponse, name: string): Promise<void> {
  const extension = /^[a-z-]+\.(html|css|js|svg)$/.exec(name)?.[1];
  const content = extension
    ? await readFile(new URL(name, bundled.includes(name) ? bundles : folder)).catch(() => null)
    : null;
  if (!extension || !content) {
    const advice = bundled.includes(name) ? ' It is made by npm start, and by npm run build.' : '';
    throw new Refusal(404, `There is no page file "${name}".${advice}`);
  }
  send(response, extension, content);
}

function send(response: ServerResponse, extension: string, content: string | Uint8Array, nonce = ''): void {
  response
    .writeHead(200, {
      'content-type': types[extension],
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'content-security-policy': nonce ? policyWith(nonce) : policy,
    })
    .end(content);
}

function choiceOf({ id, name, title }: Person): string {
  return `<form method="post" action="/sign-in/${id}"><button class="person">
    <span class="avatar" aria-hidden="true">${initialsOf(name)}</span>
    <span><strong>${name}</strong><small>${title} · ${id}</small></span>
  </button></form>`;
}

const initialsOf = (name: string): string => name.replace(/(\w)\w* */g, '$1');
