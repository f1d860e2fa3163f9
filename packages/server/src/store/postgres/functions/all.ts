import { hash } from 'node:crypto';
import { apply, group } from './apply.ts';
import { bind } from './bind.ts';
import { counts } from './counts.ts';
import { history } from './history.ts';
import { publish } from './publish.ts';
import { put, putParts } from './put.ts';
import { mark, receipt } from './receipt.ts';
import { rights } from './rights.ts';
import { settle } from './settle.ts';
import { upkeep } from './upkeep.ts';

/**
 * What writes in the database itself, so that a commit is one round trip. Each takes and gives JSON whose shape belongs to the
 * schema: what changes it comes with a migration, since nodes of two versions may share a database for a while.
 */
export const functions = [
  settle,
  counts,
  putParts,
  put,
  publish,
  bind,
  mark,
  receipt,
  rights,
  group,
  apply,
  upkeep,
  history,
].join('\n');

/** Tells one set of functions from another. */
export const functionsHash = hash('sha1', functions);
