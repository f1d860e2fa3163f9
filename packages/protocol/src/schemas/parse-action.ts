import { Compile, type Validator } from 'typebox/compile';
import type { ErrorCode } from '../codes.ts';
import { type ActionName, actionSchemas, type ClientAction } from './actions.ts';
import { explain } from './explain.ts';
import { deepest, isTooDeep } from './nesting.ts';

/** What became of a client's text: an action, or the error to answer with, and the `ref` to answer to. */
export type ActionResult =
  | { ok: true; action: ClientAction; ref: unknown }
  | { ok: false; code: ErrorCode; message: string; ref: unknown; readable: boolean };

const validators = new Map<string, Validator>(
  Object.entries(actionSchemas).map(([name, schema]) => [name, Compile(schema)]),
);

/** Names by which a browser might try to send a notification: refused as forbidden, not as unknown (row B11). */
const sends =
  /^(notify|publish|broadcast|(user_|oracle_|generic_|ws_?)?(send_)?(notification|message|file|event).*|send_.+)$/i;

function readObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Reads one client frame. Never throws, whatever comes; `readable` is false where it was not a JSON object at all. */
export function parseAction(text: string): ActionResult {
  const value = readObject(text);
  if (!value) {
    const message = 'a frame must be one JSON object, as {"action":"ping"}';
    return { ok: false, code: 'bad_request', message, ref: undefined, readable: false };
  }
  if (isTooDeep(value)) {
    const message = `a frame may be nested ${deepest} levels deep; this one is deeper`;
    return { ok: false, code: 'bad_request', message, ref: undefined, readable: false };
  }
  return readAction(value);
}

/** The same for a value that is parsed already, as a body of `POST /api/v1/actions`. */
function readAction(value: Record<string, unknown>): ActionResult {
  const ref = Object.hasOwn(value, 'ref') ? value.ref : undefined;
  const refuse = (code: ErrorCode, message: string): ActionResult => ({
    ok: false,
    code,
    message,
    ref,
    readable: true,
  });
  const name = Object.hasOwn(value, 'action') ? value.action : undefined;
  if (typeof name !== 'string') {
    const type = typeof value.type === 'string' ? value.type : '';
    if (sends.test(type)) return refuse('forbidden', refusal);
    return refuse('bad_request', `a frame needs "action", one of ${names}`);
  }
  const validator = validators.get(name);
  if (!validator) {
    if (sends.test(name)) return refuse('forbidden', refusal);
    return refuse('bad_request', `unknown action ${JSON.stringify(name.slice(0, 64))}; expected one of ${names}`);
  }
  if (!validator.Check(value)) {
    return refuse('bad_request', explain(validator.Errors(value), value, `the action "${name}"`));
  }
  return { ok: true, action: value as unknown as ClientAction, ref };
}

const names = Object.keys(actionSchemas as Record<ActionName, unknown>).join(', ');
const refusal =
  'notifications are sent by back ends only: POST /api/v1/notifications with an API key, or use @tidings/sender there';
