import type { DefineComponent } from 'vue';
import type { TidingsElements } from './attributes.ts';

type VueComponents = { [N in keyof TidingsElements]: DefineComponent<TidingsElements[N]> };

declare module 'vue' {
  interface GlobalComponents extends VueComponents {}
}
