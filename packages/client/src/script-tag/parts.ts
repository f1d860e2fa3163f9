import type * as diagnosis from '../diagnosis.ts';
import type * as health from '../elements/health/part.ts';
import type * as inbox from '../elements/inbox/part.ts';
import type * as news from '../elements/news/part.ts';
import type * as room from '../elements/room/part.ts';
import type * as task from '../elements/task/part.ts';
import type * as transports from '../transport/http-part.ts';
import { shared } from './shared.ts';

declare global {
  interface Window {
    /** The values that further scripts take. */
    tidingsShared: typeof shared;
    /** The values that they give. */
    tidingsInbox?: typeof inbox;
    tidingsTask?: typeof task;
    tidingsRoom?: typeof room;
    tidingsHealth?: typeof health;
    tidingsNews?: typeof news;
    tidingsDiagnosis?: typeof diagnosis;
    tidingsTransports?: typeof transports;
    /** There in browsers with Trusted Types; what a policy makes passes for text. */
    trustedTypes?: { createPolicy(name: string, rules: typeof addresses): typeof addresses };
  }
}

const script = document.currentScript as HTMLScriptElement | null;

/** Scripts from where the first came; under Trusted Types only these, by a policy of their own. */
const addresses = {
  createScriptURL: (name: string) => new URL(`tidings-${name}.js`, script?.src ?? location.href).href,
};
let policy: typeof addresses | undefined;

/**
 * In the place of the elements' own `parts.ts`: further scripts, under the same policy as the first.
 *
 * @param given looks for what the script gives
 */
async function load<P>(name: string, given: () => P | undefined): Promise<P> {
  window.tidingsShared = shared;
  policy ??= window.trustedTypes?.createPolicy('tidings', addresses) ?? addresses;
  const src = policy.createScriptURL(name);
  return new Promise((resolve, reject) => {
    const found = given();
    if (found) return resolve(found);
    const underWay = document.head.querySelector<HTMLScriptElement>(`script[src="${src}"]`);
    const element = underWay ?? document.createElement('script');
    const fail = (): void => {
      element.remove();
      reject(new Error(`${src} could not be loaded`));
    };
    element.addEventListener('load', () => {
      const part = given();
      // Something else may have answered, as a page that says that nothing was found.
      if (part) resolve(part);
      else fail();
    });
    element.addEventListener('error', fail);
    if (underWay) return;
    element.src = src;
    element.nonce = script?.nonce ?? '';
    document.head.append(element);
  });
}

export const loadInbox = (): Promise<typeof inbox> => load('inbox', () => window.tidingsInbox);
export const loadTask = (): Promise<typeof task> => load('task', () => window.tidingsTask);

export const loadHealth = (): Promise<typeof health> => load('health', () => window.tidingsHealth);

export const loadRoom = () => load('room', () => window.tidingsRoom);
export const loadPresence = (): Promise<(typeof room)['presence']> => loadRoom().then(({ presence }) => presence);
export const loadActivity = (): Promise<(typeof room)['activity']> => loadRoom().then(({ activity }) => activity);

const loadNews = () => load('news', () => window.tidingsNews);
export const loadToasts = (): Promise<(typeof news)['toasts']> => loadNews().then(({ toasts }) => toasts);
export const loadFiles = (): Promise<(typeof news)['files']> => loadNews().then(({ files }) => files);
export const loadDiagnosis = (): Promise<typeof diagnosis> => load('diagnosis', () => window.tidingsDiagnosis);
export const loadTransports = (): Promise<typeof transports> => load('transports', () => window.tidingsTransports);
