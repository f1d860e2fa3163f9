import { cursors, tokens } from './credential-targets.ts';
import { frames } from './frames-target.ts';
import { http } from './http-target.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [http, frames, tokens, cursors];
