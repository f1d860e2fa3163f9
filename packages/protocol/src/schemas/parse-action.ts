import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import type { ErrorCode } from '../codes.ts';
import { type ActionName, actionSchemas, type ClientAction } from './actions.ts';
import { explain } from './explain.ts';
import { jsonFault } from './json-fault.ts';

/** The outcome of reading a client's text: an action, or the error to answer; and the `ref` of the answer. */
export type ActionResult =
  | { ok: true; action: ClientAction; ref: unknown }
  | { ok: false; code: ErrorCode; message: string; ref: unknown; readable: boolean };

const schemas = new Map<string, TSchema>(Object.entries(actionSchemas));
/** Each is compiled when its action comes first. */
const validators = new Map<string, Validator>();

function validatorOf(name: string): Validator | undefined {
  const known = validators.get(name);
  const schema = schemas.get(name);
  if (known || !schema) return known;
  const validator = Compile(schema);
  validators.set(name, validator);
  return validator;
}

/** Names of actions by which a browser might try to send a notification: refused as forbidden, not as unknown. */
const sends =
  /^(notify|publish|broadcast|(user_|oracle_|generic_|ws_?)?(send_)?(notification|message|file|event).*|send_.+)$/i;

/** Reads one client frame. Never throws; `readable` is false if it was not a JSON object at all. */
export function parseAction(text: string): ActionResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return notAnObject;
  }
  if (!isObject(value)) return notAnObject;
  const fault = jsonFault(text, value, 'a frame');
  if (!fault) return readAction(value);
  return { ok: false, code: 'bad_request', message: fault.message, ref: refOf(value), readable: true };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const notAnObject: ActionResult = {
  ...{ ok: false, code: 'bad_request', message: 'a frame must be one JSON object, as {"action":"ping"}' },
  ...{ ref: undefined, readable: false },
};

/** The `ref` of a frame that cannot be read; undefined if the `ref` itself is nested deeply. */
function refOf({ ref }: { ref?: unknown }): unknown {
  return isDeep(ref, 10) ? undefined : ref;
}

const isDeep = (value: unknown, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1)));

/** Reads an action from a value that was parsed already, as a body of `POST /api/v1/actions`. */
export function readAction(value: unknown): ActionResult {
  if (!isObject(value)) return notAnObject;
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
  const validator = validatorOf(name);
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
