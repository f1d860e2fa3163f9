import type * as inbox from '../elements/inbox/part.ts';
import type * as task from '../elements/task/part.ts';
import { shared } from './shared.ts';

declare global {
  interface Window {
    /** What further scripts take. */
    tidingsShared: typeof shared;
    /** What they give. */
    tidingsInbox?: typeof inbox;
    tidingsTask?: typeof task;
  }
}

const script = document.currentScript as HTMLScriptElement | null;

/**
 * In the place of the elements' own `parts.ts`: further scripts, from where the first came, and under the same policy.
 *
 * @param given looks for what the script gives
 */
function load<P>(name: string, given: () => P | undefined): Promise<P> {
  window.tidingsShared = shared;
  const src = new URL(`tidings-${name}.js`, script?.src ?? location.href).href;
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const part = given();
      if (part) resolve(part);
    };
    look();
    const underWay = document.head.querySelector<HTMLScriptElement>(`script[src="${src}"]`);
    const element = underWay ?? document.createElement('script');
    element.addEventListener('load', look);
    element.addEventListener('error', () => {
      element.remove();
      reject(new Error(`${src} could not be loaded`));
    });
    if (underWay) return;
    element.src = src;
    element.nonce = script?.nonce ?? '';
    document.head.append(element);
  });
}

export const loadInbox = (): Promise<typeof inbox> => load('inbox', () => window.tidingsInbox);
export const loadTask = (): Promise<typeof task> => load('task', () => window.tidingsTask);
