import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { TidingsElements } from './attributes.ts';

type ReactElements = {
  [N in keyof TidingsElements]: DetailedHTMLProps<HTMLAttributes<HTMLElement>, HTMLElement> & TidingsElements[N];
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends ReactElements {}
  }
}
