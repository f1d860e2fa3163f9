import type * as file from '../elements/file/part.ts';
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
    tidingsFile?: typeof file;
  }
}

const script = document.currentScript as HTMLScriptElement | null;

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}
let trusted: ReturnType<TrustedTypes['createPolicy']> | undefined;

/** The address as a page takes it that requires trusted types, which has to allow the policy `tidings`. */
function trust(src: string): string {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  trusted ??= trustedTypes?.createPolicy('tidings', { createScriptURL: (url) => url });
  return trusted?.createScriptURL(src) ?? src;
}

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
    element.src = trust(src);
    element.nonce = script?.nonce ?? '';
    document.head.append(element);
  });
}

export const loadInbox = (): Promise<typeof inbox> => load('inbox', () => window.tidingsInbox);
export const loadFile = (): Promise<typeof file> => load('file', () => window.tidingsFile);
export const loadTask = (): Promise<typeof task> => load('task', () => window.tidingsTask);
