import { TidingsError } from '@tidings/protocol';
import { explain, Id } from '@tidings/protocol/schemas';
import { Compile } from 'typebox/compile';
import { isGrant } from '../domain/rooms.ts';
import { claimAt } from './claim-path.ts';

/** The claims of the user in a token: names of claims, or paths to them, as `realm_access.roles`. */
export interface ClaimNames {
  /** Default `sub`. */
  user: string;
  /** Default `username`. */
  username: string;
  /** Default `roles`. */
  roles: string;
}

export const defaultClaims: ClaimNames = { user: 'sub', username: 'username', roles: 'roles' };

/** The claim by which a token says of itself, with false, that it is no evidence of its user's name and roles. */
export const evidenceClaim = 'tidings_evidence';

/** The person that a token, or an application's session, names. */
export interface Person {
  id: string;
  username: string;
  roles: string[];
  grants: string[];
}

/** Receives a claim that exists and cannot be read. */
type Unreadable = (what: string, value: unknown) => void;

/** Claims that issuers use for roles: Keycloak, Cognito, Spring and others. */
const usualPlaces = ['roles', 'realm_access.roles', 'cognito:groups', 'groups', 'authorities'];

/** The path of another claim that seems to hold the roles, if the configured one has none; null for none. */
export const rolesElsewhere = (claims: object, read: string): string | null =>
  claimAt(claims, read) === undefined
    ? (usualPlaces.find((place) => claimAt(claims, place) !== undefined) ?? null)
    : null;

export interface ReadOptions {
  names: ClaimNames;
  /** Names a claim in an error, as `the token's claim "sub"`. */
  describe: (name: string) => string;
  unreadable: Unreadable;
}

const idCheck = Compile(Id);

/** True if a value names something, as `to.user` does. */
export const isName = (value: unknown): value is string | number => idCheck.Check(value);

/** Reads an id or name as `to.user` is read: text, or a whole number that a double holds exactly. Throws `unauthenticated`. */
function readName(value: unknown, what: string): string {
  if (isName(value)) return String(value);
  throw new TidingsError('unauthenticated', explain(idCheck.Errors(value), value, what));
}

/** Reads the user of the claims. Throws `unauthenticated` if the id or the name is none; nothing is rounded, cut or left out. */
export function readPerson(source: object, { names, describe, unreadable }: ReadOptions): Person {
  const user = claimAt(source, names.user);
  if (user === undefined) {
    throw new TidingsError(
      'unauthenticated',
      `${describe(names.user)} must be the user's id, a string or number; it is missing`,
    );
  }
  const id = readName(user, describe(names.user));
  const username = claimAt(source, names.username) ?? '';
  return {
    id,
    username: username === '' ? id : readName(username, describe(names.username)),
    roles: readNames(claimAt(source, names.roles), describe(names.roles), {
      separated: isScope.test(names.roles),
      unreadable,
    }),
    grants: readGrants(claimAt(source, 'grants'), describe('grants'), unreadable),
  };
}

/** The claims whose text is a list, separated by blanks (RFC 6749 section 3.3); any other text is one name. */
const isScope = /(^|\.)(scope|scp)$/;

/** Names of roles or grants, each once: a list of them, or one text. Anything else is reported, and gives nothing. */
function readNames(
  value: unknown,
  what: string,
  { separated, unreadable }: { separated: boolean; unreadable: Unreadable },
): string[] {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value !== 'string' && !Array.isArray(value)) {
    unreadable(what, value);
    return [];
  }
  const items: unknown[] = typeof value !== 'string' ? value : separated ? value.split(' ').filter(Boolean) : [value];
  for (const item of items) if (!isName(item)) unreadable(what, item);
  return [...new Set(items.filter(isName).map(String))];
}

/** Grants, each once: `project:12:rw`, `project:*:r`. One that names no room, or another right than `r` and `rw`, is reported and gives none. */
function readGrants(value: unknown, what: string, unreadable: Unreadable): string[] {
  const grants = readNames(value, what, { separated: false, unreadable });
  for (const grant of grants) if (!isGrant(grant)) unreadable(what, grant);
  return grants.filter(isGrant);
}
