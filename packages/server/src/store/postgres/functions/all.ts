import { hash } from 'node:crypto';
import { apply, counts } from './apply.ts';
import { history } from './history.ts';
import { applySettings } from './settings.ts';
import { upkeep } from './upkeep.ts';

/** Functions that write in the database itself, so that a commit is one round trip. They know no rules: those are in `store/plan`. */
export const functions = [applySettings, counts, apply, upkeep, history].join('\n');

/** Tells one set of functions from another. */
export const functionsHash = hash('sha1', functions);
