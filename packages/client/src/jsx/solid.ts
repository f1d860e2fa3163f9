import type { JSX } from 'solid-js';
import type { TidingsElements } from './attributes.ts';

/** Solid sets attributes on elements it does not know, and properties by `prop:`. */
type WithProperties<T> = T & { [N in keyof T & string as `prop:${N}`]?: T[N] };
type SolidElements = {
  [N in keyof TidingsElements]: JSX.HTMLAttributes<HTMLElement> & WithProperties<TidingsElements[N]>;
};

declare module 'solid-js' {
  namespace JSX {
    interface IntrinsicElements extends SolidElements {}
  }
}
