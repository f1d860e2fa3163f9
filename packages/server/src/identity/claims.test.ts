import { describe, expect, it, test } from 'vitest';
import { type ClaimNames, defaultClaims, readPerson } from './claims.ts';

const read = (source: object, names: Partial<ClaimNames> = {}) => {
  const unread: [string, unknown][] = [];
  const person = readPerson(source, {
    names: { ...defaultClaims, ...names },
    describe: (name) => name,
    unreadable: (what, value) => unread.push([what, value]),
  });
  return { ...person, unread };
};

describe('the user', () => {
  it.each([
    [{ sub: 42 }, '42', '42'],
    [{ sub: Number.MAX_SAFE_INTEGER }, '9007199254740991', '9007199254740991'],
    [{ sub: '9007199254740993' }, '9007199254740993', '9007199254740993'],
    [{ sub: '42', username: 7 }, '42', '7'],
    [{ sub: '42', username: null }, '42', '42'],
    [{ sub: '42', username: '' }, '42', '42'],
  ])('%j is %s, called %s', (source, id, username) => {
    expect(read(source)).toMatchObject({ id, username, unread: [] });
  });

  it.each([
    ['{"sub": 9007199254740993}', 'sub must be <= 9007199254740991; got 9007199254740992'],
    ['{"sub": 42.5}', 'sub must be string or integer; got 42.5'],
    ['{"sub": -1}', 'sub must be >= 0; got -1'],
    ['{"sub": true}', 'sub must be string or integer; got true'],
    ['{"sub": null}', 'sub must be string or integer; got null'],
    ['{"sub": ""}', 'sub must not have fewer than 1 characters; got ""'],
    ['{}', "sub must be the user's id, a string or number; it is missing"],
    ['{"sub": "a", "username": 9007199254740993}', 'username must be <= 9007199254740991; got 9007199254740992'],
    ['{"sub": "a", "username": 42.5}', 'username must be string or integer; got 42.5'],
    ['{"sub": "a", "username": ["b"]}', 'username must be string or integer; got ["b"]'],
  ])('%s is refused, in the words that `to.user` has', (json, message) => {
    expect(() => read(JSON.parse(json))).toThrow(
      expect.objectContaining({ code: 'unauthenticated', message: expect.stringContaining(message) }),
    );
  });
});

test('grants that give no right, as with a right that there is not, are reported, and the others hold', () => {
  const grants = [
    'project:12:rw',
    'project:*:r',
    'project:12',
    'project:12:write',
    'a:b:c:r',
    'project:12:rw',
    '12:7:r',
    5,
  ];
  expect(read({ sub: '1', grants })).toMatchObject({
    grants: ['project:12:rw', 'project:*:r', 'a:b:c:r'],
    unread: ['project:12', 'project:12:write', '12:7:r', '5'].map((grant) => ['grants', grant]),
  });
  expect(read({ sub: '1', grants: 'project:12:rw' })).toMatchObject({ grants: ['project:12:rw'], unread: [] });
});

test('a user whose id no JSON can carry, as an application may have it, is refused with a sentence', () => {
  expect(() => read({ sub: 42n })).toThrow(
    expect.objectContaining({ message: 'sub must be string or integer; got a bigint that is no JSON' }),
  );
});

describe('the roles', () => {
  it.each([
    ['a list', { roles: ['a', 'b', 'a'] }, ['a', 'b']],
    ['one text', { roles: 'Domain Users' }, ['Domain Users']],
    ['whole numbers', { roles: [1, 2] }, ['1', '2']],
    ['nothing', { roles: null }, []],
    ['no text', { roles: '' }, []],
    ['an empty list', { roles: [] }, []],
  ])('are read from %s', (_what, claims, roles) => {
    expect(read({ sub: '1', ...claims })).toMatchObject({ roles, unread: [] });
  });

  test.each([
    ['an object', { admin: true }, [], { admin: true }],
    ['true', true, [], true],
    ['a list with an object', ['a', { name: 'b' }], ['a'], { name: 'b' }],
    ['a list with a text that no database keeps', ['a', 'b\0'], ['a'], 'b\0'],
    ['a list with a text that no `to.role` can name', ['r'.repeat(257)], [], 'r'.repeat(257)],
  ])('that cannot be read are said: %s', (_what, value, roles, got) => {
    expect(read({ sub: '1', roles: value })).toMatchObject({ roles, unread: [['roles', got]] });
  });

  it.each([
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['resource_access.my.app.roles', { resource_access: { other: {}, 'my.app': { roles: ['a'] } } }, ['a']],
    ['https://app.example.com/roles', { 'https://app.example.com/roles': ['a'] }, ['a']],
    ['realm_access.roles', { 'realm_access.roles': ['flat'], realm_access: { roles: ['a'] } }, ['flat']],
    ['cognito:groups', { 'cognito:groups': ['a'] }, ['a']],
    ['groups', { groups: 'a b' }, ['a b']],
    ['scope', { scope: 'read write  read' }, ['read', 'write']],
    ['authorization.scp', { authorization: { scp: 'read write' } }, ['read', 'write']],
    ['scope', { scope: ['a b'] }, ['a b']],
    ['realm_access.roles', { realm_access: 'x' }, []],
    ['constructor.name', {}, []],
    ['realm_access.__proto__', { realm_access: {} }, []],
  ])('are found by %s in %j', (path, claims, roles) => {
    expect(read({ sub: '1', ...claims }, { roles: path })).toMatchObject({ roles, unread: [] });
  });

  it('the user and the name are found by paths too', () => {
    const source = { identity: { id: 7, login: 'ann' } };
    expect(read(source, { user: 'identity.id', username: 'identity.login' })).toMatchObject({
      id: '7',
      username: 'ann',
    });
  });
});
