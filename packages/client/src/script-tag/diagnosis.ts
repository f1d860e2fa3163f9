import type { judge as judgeEnded } from '../diagnosis.ts';
import { loadDiagnosis } from './parts.ts';

/** In the place of the client's own `diagnosis.ts`, which is a script of its own here. */
export const judge: typeof judgeEnded = async (ended) => (await loadDiagnosis()).judge(ended);
