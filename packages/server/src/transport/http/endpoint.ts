import type { ErrorCode } from '@tidings/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TObject, TSchema } from 'typebox';
import type { BackEnd } from '../../commands/context.ts';
import type { Identity } from '../../domain/identity.ts';

/** The chapters of the API's documents, in their order. */
export const groups = {
  Notifications: 'Send to users, roles and everyone, and look after what was sent.',
  Tasks: 'Report on background work; those it concerns follow it live.',
  Inbox: "A user's notifications and what they did with them, the same truth as on sockets.",
  'Who is calling': 'Tokens, and the cookie that carries one.',
  Rooms: 'Shared places: what is sent there, and who may follow and send.',
  'Shared documents': 'What people edit together in rooms of the kind `collaboration`: its versions, and its end.',
  People: 'Who is connected and on what, what roles users have, and who is sent away.',
  Server: 'How the server is.',
  Pages: 'What people and their browsers open.',
} as const;

interface Callers {
  /** A program with an API key. */
  back_end: BackEnd;
  /** A person with a token. */
  user: Identity;
  /** A program that watches the server, with an API key or the key for metrics. */
  monitor: null;
  /** Either of them. */
  either: BackEnd | Identity;
  anyone: null;
}
/** The kinds of callers that a route lets in. */
export type Who = keyof Callers;

/** The person who calls; null for a back end. */
export const personOf = (caller: BackEnd | Identity): Identity | null => ('id' in caller ? caller : null);

/** The body of a call. */
export interface Body<S extends TSchema = TSchema> {
  schema: S;
  /** The place of the check against the schema: the route, or the command, which checks for every kind of caller. */
  checkedBy: 'route' | 'command';
  isOptional: boolean;
  examples: Record<string, unknown>;
}

/** One answer a call may give; without a schema it has no body. */
export interface Answer<S = TSchema> {
  description: string;
  schema: S | null;
  /** Default `application/json`. */
  type?: string;
  examples: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** The schemas of answers, by status. */
export type Answers = Record<number, TSchema>;
/** The result of a handler: a body that fits one of the answers, or the reply that it has sent itself. */
type Result<A extends Answers> = ValueOf<A[keyof A]> | FastifyReply;
type ValueOf<S> = S extends TSchema ? Unchanged<Static<S>> : never;
/** The same with its arrays left alone: what is sent is only read. */
type Unchanged<T> = T extends readonly (infer Item)[]
  ? readonly Unchanged<Item>[]
  : T extends object
    ? { [Name in keyof T]: Unchanged<T[Name]> }
    : T;

/** A call whose caller was let in and whose parts fit the schemas. */
export interface Call<W extends Who, P extends TObject, Q extends TObject, B extends TSchema> {
  caller: Callers[W];
  params: Static<P>;
  query: Static<Q>;
  body: Static<B>;
  request: FastifyRequest;
  reply: FastifyReply;
}

/** One call of the HTTP API, declared once: its schemas validate what comes, give it its types, and document it. */
export interface Endpoint<
  W extends Who = Who,
  P extends TObject = TObject,
  Q extends TObject = TObject,
  B extends TSchema = TSchema,
  A extends Answers = Answers,
> {
  /** Method and path, as `GET /api/v1/tasks/{id}`. */
  call: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  /** The name of the call in programs: `operationId`. */
  id: string;
  group: keyof typeof groups;
  summary: string;
  description?: string;
  who: W;
  /** True if its handler lets callers in, so that the route does not. */
  admitsItself?: boolean;
  params?: P;
  query?: Q;
  /** Members that its query may have besides, for clients of an earlier version; in no document. */
  formerQuery?: TObject;
  /** Headers it reads, for the documents. */
  headers?: TObject;
  body?: Body<B>;
  /** The status of an answer unless the handler sets another. Default 200. */
  status?: number;
  /** By status. */
  answers: { [Status in keyof A]: Answer<A[Status]> };
  /** Errors of this call beside those of every such call, each with a message as an example. */
  errors?: Partial<Record<ErrorCode, string>>;
  /** Its use of the store: none, reads, or writes. */
  store: 'none' | 'reads' | 'writes';
  handle(call: Call<W, P, Q, B>): Result<A> | Promise<Result<A>>;
}

/** A body that the route checks. */
export const body = <S extends TSchema>(schema: S, examples: Record<string, Static<S>>): Body<S> => ({
  ...{ schema, checkedBy: 'route', isOptional: false, examples },
});

/** A body that may be left out, and is an empty object then. */
export const optionalBody = <S extends TObject>(schema: S, examples: Record<string, Static<S>>): Body<S> => ({
  ...{ schema, checkedBy: 'route', isOptional: true, examples },
});

/** A body that the command checks, with the same schema. */
export const commandBody = (schema: TSchema, examples: Record<string, unknown>, isOptional = false): Body => ({
  ...{ schema, checkedBy: 'command', isOptional, examples },
});

/** An answer in JSON. */
export const answer = <S extends TSchema>(
  schema: S,
  description: string,
  examples: Record<string, Static<S>>,
): Answer<S> => ({ schema, description, examples });
