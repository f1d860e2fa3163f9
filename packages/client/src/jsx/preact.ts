import type { HTMLAttributes } from 'preact';
import type { TidingsElements } from './attributes.ts';

type PreactElements = { [N in keyof TidingsElements]: HTMLAttributes<HTMLElement> & TidingsElements[N] };

declare module 'preact' {
  namespace JSX {
    interface IntrinsicElements extends PreactElements {}
  }
}
