import { tokenCookie } from '../../../identity/token-carriers.ts';
import type { Who } from '../endpoint.ts';

/** Keys and tokens as OpenAPI names them. One carrier each: some clients send by every carrier that is listed. */
export const httpSecurity = {
  api_key: {
    type: 'http',
    scheme: 'bearer',
    description: 'Back ends: one of the API keys that the server was started with.',
  },
  metrics_key: {
    type: 'http',
    scheme: 'bearer',
    description:
      'What watches the server: the key `auth.metricsKey` (`--metrics-key`), which reads `/metrics` and nothing else.',
  },
  user_token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'Users: a JWT whose `sub` is the user’s id, signed with the server’s secret or one of its published keys. `npx tidings token --user 42` makes one. Where headers cannot be set it is taken from the query `token`, or from the cookie that `POST /api/v1/session` sets.',
  },
} as const;

const users: Record<string, string[]>[] = [{ user_token: [] }];

/** The credentials of each kind of caller; one of them is enough. */
export const securityOf: Record<Who, Record<string, string[]>[]> = {
  back_end: [{ api_key: [] }],
  monitor: [{ api_key: [] }, { metrics_key: [] }],
  user: users,
  either: [{ api_key: [] }, ...users],
  anyone: [],
};

/** The same for sockets, as AsyncAPI names them. */
export const socketSecurity = {
  token_query: {
    ...{ type: 'httpApiKey', in: 'query', name: 'token' },
    description: 'A JWT whose `sub` is the user’s id, in the URL: what browsers can do.',
  },
  user_token: {
    ...{ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    description: '`Authorization: Bearer <token>` on the upgrade: what programs can do.',
  },
  token_subprotocol: {
    ...{ type: 'httpApiKey', in: 'header', name: 'Sec-WebSocket-Protocol' },
    description: 'The subprotocols `tidings.v1, bearer.<jwt>`: what browsers can do without a token in the URL.',
  },
  token_cookie: {
    ...{ type: 'httpApiKey', in: 'cookie', name: tokenCookie },
    description: 'The cookie that `POST /api/v1/session` sets.',
  },
} as const;
