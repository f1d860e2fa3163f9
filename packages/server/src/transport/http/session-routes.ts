import { type ActionName, TidingsError } from '@tidings/protocol';
import { actionSchemas, readAction, replySchemas, WhoAmI } from '@tidings/protocol/schemas';
import Type, { type TObject, type TSchema } from 'typebox';
import { runAction } from '../../commands/actions.ts';
import type { CommandContext } from '../../commands/context.ts';
import type { Identity } from '../../domain/identity.ts';
import { bearerOf, tokenCookie, tokenOf } from '../../identity/token-carriers.ts';
import type { RequestPlace, TrustedProxies } from '../../identity/trusted-proxies.ts';
import { actionExamples } from './documents/examples/actions.ts';
import * as examples from './documents/examples/answers.ts';
import { answer, commandBody } from './endpoint.ts';
import type { Routes } from './routes.ts';

const group = 'Who is calling';
const isWho = (description: string) => answer(WhoAmI, description, { user: examples.whoAmI });
const view = ({ id, username, roles }: Identity): WhoAmI => ({ user_id: id, username, roles: [...roles] });

/** The caller's identity, the cookie that carries a token, and every action that needs no socket. */
export function sessionRoutes(routes: Routes, context: CommandContext, proxies: TrustedProxies): void {
  routes.add({
    call: 'GET /api/v1/whoami',
    ...{ id: 'whoAmI', group, summary: 'See whose token this is' },
    who: 'user',
    answers: { 200: isWho('The user') },
    store: 'none',
    handle: ({ caller }) => view(caller),
  });
  routes.add({
    call: 'POST /api/v1/session',
    ...{ id: 'beginSession', group, summary: 'Put the token into a cookie' },
    description: 'For pages: the cookie is HttpOnly and SameSite=Lax, and lasts as long as the token.',
    who: 'user',
    answers: {
      200: { ...isWho('The user, with the cookie'), headers: { 'Set-Cookie': 'The cookie `tidings_token`' } },
    },
    errors: { unauthenticated: 'send the token as "Authorization: Bearer <token>"' },
    store: 'none',
    handle({ caller, request, reply }) {
      // The token that was verified: one in the query goes before the header.
      const token = bearerOf(request.raw) && tokenOf(request.raw, false);
      if (!token) throw new TidingsError('unauthenticated', 'send the token as "Authorization: Bearer <token>"');
      const { expiresAt } = caller;
      const seconds = expiresAt === null ? null : Math.max(0, Math.floor((expiresAt - context.clock.now()) / 1000));
      reply.header('set-cookie', cookie(proxies.placeOf(request.raw), token, seconds));
      return view(caller);
    },
  });
  routes.add({
    call: 'DELETE /api/v1/session',
    ...{ id: 'endSession', group, summary: 'Clear the cookie' },
    who: 'anyone',
    status: 204,
    answers: {
      204: {
        ...{ description: 'Cleared', schema: null, examples: {} },
        headers: { 'Set-Cookie': 'The cookie `tidings_token`, empty' },
      },
    },
    store: 'none',
    handle({ request, reply }) {
      reply.header('set-cookie', cookie(proxies.placeOf(request.raw), '', 0));
      return reply.send();
    },
  });
  routes.add({
    call: 'POST /api/v1/actions',
    ...{ id: 'act', group: 'Inbox', summary: 'Run any client action that needs no socket' },
    description:
      'The same actions as on sockets, for clients that have none. `subscribe` and the like say that they need one.',
    who: 'user',
    body: commandBody(
      Type.Union(served.map((name) => actionSchemas[name])),
      Object.fromEntries(httpActions.map((name) => [name, actionExamples[name].action])),
    ),
    answers: {
      200: answer(
        Type.Unsafe<object>(Type.Union(replies)),
        'The reply, as the action has it',
        Object.fromEntries(httpActions.map((name) => [name, actionExamples[name].reply])),
      ),
    },
    errors: {
      forbidden:
        'notifications are sent by back ends only: POST /api/v1/notifications with an API key, or use @tidings/sender there',
      not_found: 'there is no task "transfer-1002", or it is not yours',
    },
    store: 'writes',
    async handle({ caller, body }) {
      const parsed = readAction(body);
      if (!parsed.ok) throw new TidingsError(parsed.code, parsed.message);
      const result = await runAction(context, { kind: 'person', identity: caller, connection: null }, parsed.action);
      return { type: 'reply', ...(parsed.ref === undefined ? {} : { ref: parsed.ref }), ...result };
    },
  });
}

/** The actions that need a socket, or are not served yet. */
const notHere: readonly ActionName[] = ['subscribe', 'unsubscribe', 'authenticate'];
const served = (Object.keys(actionSchemas) as ActionName[]).filter((name) => !notHere.includes(name));

/** Their replies, each once: those with the most members first, as the others fit those too. */
const replies: TSchema[] = [...new Set<TObject>(served.map((name) => replySchemas[name]))].sort(
  (a, b) => (b.required?.length ?? 0) - (a.required?.length ?? 0),
);

/** The actions that are shown for `POST /api/v1/actions`. */
const httpActions = ['list', 'mark_read', 'mark_all_read', 'cancel_task', 'send'] as const;

/** Goes to this server alone where a trusted proxy serves it below a path: others of that host may have such a cookie too. */
function cookie({ protocol, prefix }: RequestPlace, token: string, maxAge: number | null): string {
  const age = maxAge === null ? '' : `; Max-Age=${maxAge}`;
  const secure = protocol === 'https' ? '; Secure' : '';
  return `${tokenCookie}=${token}; Path=${prefix || '/'}; HttpOnly; SameSite=Lax${age}${secure}`;
}
