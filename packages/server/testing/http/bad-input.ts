import type { ErrorCode } from '@tidings/protocol';

/** Name of the mistake, the call, its body, the expected message, and the code if it is not `bad_request`. */
type BadInput = [name: string, call: string, body: unknown, says: RegExp, code?: ErrorCode];

const send = 'POST /notifications';
const batch = 'POST /notifications/batch';
const to = { user: 'reader' };
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
const aYear = 367;
const button = { id: 'yes', label: 'Yes' };

const audience = (name: string, to: unknown, says: RegExp): BadInput => [
  `to ${name}`,
  send,
  { to, message: 'x' },
  says,
];
const exactlyOne = /^to must be exactly one of \{user\}, \{username\}, .*; got /;

const audiences: BadInput[] = [
  ['to nobody', send, { message: 'x' }, /^a notification needs "to"/],
  audience('nothing', {}, exactlyOne),
  audience('null', null, exactlyOne),
  audience('a name alone', 'ann', exactlyOne),
  audience('two audiences', { user: '1', role: 'x' }, /exactly one of .*; got \{"user":"1","role":"x"\}$/),
  audience('an unknown audience', { group: '1' }, /exactly one of .*; got \{"group":"1"\}$/),
  audience('a user and a word too many', { user: '1', loud: true }, exactlyOne),
  audience('a user that is null', { user: null }, /^to\.user must be string or integer; got null$/),
  audience('a user without a name', { user: '' }, /^to\.user must not have fewer than 1 characters; got ""$/),
  audience('a user of 257 characters', { user: 'u'.repeat(257) }, /^to\.user must not have more than 256 characters/),
  audience('a user that is less than none', { user: -1 }, /^to\.user must be >= 0; got -1$/),
  audience('an empty list', { users: [] }, /^to\.users must not have fewer than 1 items; got \[\]$/),
  audience('a list with a hole', { users: ['a', ''] }, /^to\.users\.1 must not have fewer than 1 characters/),
  audience('10,001 users', { users: Array(10_001).fill('u') }, /^to\.users must not have more than 10000 items/),
  audience('not everyone', { everyone: false }, /^to\.everyone must be true; got false$/),
  audience('those who are not connected', { connected: 0 }, /^to\.connected must be true; got 0$/),
  audience('two roles', { role: ['a', 'b'] }, /^to\.role must be string; got \["a","b"\]$/),
];

const notification = (name: string, members: object, says: RegExp): BadInput => [
  ...([name, send, { to, message: 'x', ...members }, says] as const),
];

const half = { NUL: 'a\u0000b', 'the first half of a pair': 'a\ud83d', 'the second half of a pair': '\ude00a' };
/** Text that is refused in every member, each with the path that the error names. */
const unstorable = Object.entries(half).flatMap(([what, text]): BadInput[] => {
  const says = (place: string) =>
    new RegExp(`^${place} must be text without NUL and without halves of surrogate pairs; got ".*\\\\u`);
  const sent = (place: string, members: object): BadInput => notification(`${what} in ${place}`, members, says(place));
  const asked = (place: string, call: string, body: object): BadInput => [
    `${what} in ${place} of ${call}`,
    call,
    body,
    says(place),
  ];
  const words = /must be letters, digits, _ \. : and -, beginning with a letter; got ".*\\u/;
  return [
    ...['title', 'message', 'collapse_key', 'external_id', 'task_id', 'idempotency_key'].map((member) =>
      sent(member, { [member]: text }),
    ),
    sent('to.user', { to: { user: text } }),
    sent('to.users.1', { to: { users: ['a', text] } }),
    sent('data.lines.0.name', { data: { lines: [{ name: text }] } }),
    sent('the name of a member of data', { data: { [text]: 1 } }),
    sent('data.file_url', { type: 'user_file', data: { file_url: `/${text}` } }),
    sent('actions.0.label', { actions: [{ id: 'yes', label: text }] }),
    [`${what} in to.role`, send, { to: { role: text }, message: 'x' }, says('to.role')],
    [`${what} in category`, send, { to, message: 'x', category: text }, words],
    [`${what} in type`, send, { to, message: 'x', type: text }, words],
    asked('title', 'PATCH /notifications/n', { title: text }),
    asked('name', 'PATCH /tasks/t', { name: text }),
    asked('result.file', 'PATCH /tasks/t', { result: { file: text } }),
    asked('owner', 'POST /tasks', { owner: text }),
    asked('id', 'POST /inbox/read', { id: text }),
    asked('ids.1', 'POST /inbox/archive', { ids: ['a', text] }),
    asked('comment', 'POST /inbox/answer', { id: 'a', action_id: 'yes', comment: text }),
    asked('answer.text', 'POST /actions', { action: 'answer_task', task_id: 'waits', answer: { text } }),
    asked('q', 'POST /actions', { action: 'list', q: text }),
    asked('task_id', 'POST /actions', { action: 'cancel_task', task_id: text }),
    [`${what} in a role`, 'PUT /users/reader/roles', { roles: [text] }, says('roles.0')],
  ];
});

const notifications: BadInput[] = [
  notification('an unknown member', { titel: 'x' }, /no member "titel"; remove it or correct its name/),
  notification('an unknown colour', { notification_type: 'red' }, /"success".*; got "red"/),
  notification('a type with spaces', { type: 'a b' }, /^type must be letters.*; got "a b"/),
  notification('a title of 501 characters', { title: 'x'.repeat(501) }, /^title must not have more than 500/),
  notification('data that is a list', { data: [] }, /^data must be object; got \[\]/),
  ...['javascript:alert(1)', 'data:text/html,x'].map((file_url) =>
    notification(`the file ${file_url}`, { type: 'user_file', data: { file_url } }, /^data\.file_url must be an http/),
  ),
  notification('an end that is past', { expires_at: '2001-01-01T00:00:00Z' }, /^expires_at must be a time to come/),
  ...[
    '2031-13-45T00:00:00Z',
    '2031-02-30T00:00:00Z',
    '2031-02-29T00:00Z',
    '2031-04-31T00:00:00Z',
    '2031-01-00T00:00Z',
    '2031-01-01T25:00Z',
  ].flatMap((text): BadInput[] => [
    notification(`an end at ${text}`, { expires_at: text }, new RegExp(`^expires_at is no date; got ${text}$`)),
    notification(`a delivery at ${text}`, { deliver_at: text }, /^deliver_at is no date; got 2031/),
    [`a snooze until ${text}`, 'POST /inbox/snooze', { id: 'n', until: text }, /^until is no date; got 2031/],
    [`an inbox since ${text}`, `GET /inbox?since=${text}`, undefined, /^since is no date; got 2031/],
    [`an action until ${text}`, 'POST /actions', { action: 'list', until: text }, /^until is no date; got 2031/],
  ]),
  notification(
    'a delivery in the past',
    { deliver_at: '2001-01-01T00:00:00Z' },
    /^deliver_at .*within a year; got 2001/,
  ),
  notification(
    'a delivery in years',
    { deliver_at: inDays(aYear) },
    /^deliver_at must be a time to come, within a year/,
  ),
  notification(
    'two buttons alike',
    { actions: [button, button] },
    /^actions must have ids of their own; "yes" is there/,
  ),
  notification(
    'a callback to nowhere',
    { actions: [button], callback_url: 'https://a' },
    /leads to https:\/\/a, which is not among .*--callback-origins/,
  ),
  ['a change of nothing', 'PATCH /notifications/none', {}, /a change of a notification/],
  ['a change of its audience', 'PATCH /notifications/none', { to }, /no member "to"/],
];

const bodies: BadInput[] = [
  ['a body that is no JSON', send, '{"to":', /^the body cannot be read: it is not JSON/],
  ['no body', send, undefined, /a notification/],
  ['null', send, 'null', /^the body is null; send an object/],
  ['null where nothing is needed', 'POST /inbox/read_all', 'null', /^the body is null/],
  ['null as a report', 'PATCH /tasks/waits', 'null', /^the body is null/],
  ['one that is null among many', batch, [null], /^a notification must be object; got null/],
  [
    'two addressees',
    send,
    '{"to":{"user":"reader"},"message":"x","to":{"everyone":true}}',
    /^to is there twice; give it once$/,
  ],
  [
    'a member twice in an item',
    batch,
    '[{"to":{"user":"1","user":"2"}}]',
    /^item 0: to\.user is there twice; give it once$/,
  ],
  ['a member twice in an action', 'POST /actions', '{"action":"ping","action":"list"}', /^action is there twice/],
  [
    'a number past what a double holds',
    send,
    '{"to":{"user":"reader"},"data":{"ids":[1,12345678901234567890]}}',
    /^data\.ids\.1 must be a number that a double .*; got 12345678901234567890$/,
  ],
  [
    'a number beyond all',
    'PATCH /tasks/waits',
    '{"result":{"sum":1e400}}',
    /^result\.sum must be a number that a double .*; got 1e400$/,
  ],
  [
    'a decimal of too many digits',
    send,
    '{"to":{"user":"reader"},"data":{"sum":12345678901234.567}}',
    /^data\.sum must be a number/,
  ],
  ['a string', send, '"x"', /a notification/],
  ['deep nesting', send, `{"data":{"x":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`, /100 levels/],
  ['__proto__', send, '{"to":{"user":"reader"},"__proto__":{"polluted":1}}', /^__proto__ is a name that is refused/],
  ['2 MB', send, { to, data: { x: 'x'.repeat(2e6) } }, /larger than 1 MiB; send less at once/, 'payload_too_large'],
  ['2 MB of items', batch, Array(2e3).fill({ to, message: 'x'.repeat(1e3) }), /larger than 1 MiB/, 'payload_too_large'],
  ['an action of 2 MB', 'POST /actions', { action: 'ping', x: 'x'.repeat(2e6) }, /1 MiB/, 'payload_too_large'],
  ['an empty array', batch, [], /a batch holds 1 to 1000 notifications; got 0/],
  ['1,001 items', batch, Array(1_001).fill({ to, message: 'x' }), /1 to 1000 notifications; got 1001/],
  ['no items one by one', `${batch}?atomic=false`, [], /1 to 1000 notifications; got 0/],
  ['1,001 items one by one', `${batch}?atomic=false`, Array(1_001).fill({ to }), /1 to 1000 notifications; got 1001/],
  ['items that are none', batch, [null, 5], /^item 0: a notification must be object; got null/],
  ['arrays that are neither', `${batch}?atomic=maybe`, [], /"atomic" must be true or false; got "maybe"/],
];

const unknown = (what: string, id: string): RegExp => new RegExp(`^there is no ${what} "${id}", or it is not yours$`);
const ids: BadInput[] = [
  ['a route that is none', 'GET /nothing', undefined, /GET \/api\/v1\/nothing/, 'not_found'],
  [
    'a method that is not there',
    'DELETE /notifications',
    undefined,
    /^DELETE is no method of \/api\/v1\/notifications; use GET, HEAD, or POST$/,
    'method_not_allowed',
  ],
  ...['GET', 'PATCH', 'DELETE'].map((method): BadInput => {
    const body = method === 'PATCH' ? { title: 'x' } : undefined;
    return [
      `${method} of an unknown id`,
      `${method} /notifications/none`,
      body,
      unknown('notification', 'none'),
      'not_found',
    ];
  }),
  ['a task nobody knows', 'GET /tasks/none', undefined, unknown('task', 'none'), 'not_found'],
  ['a mark of an unknown id', 'POST /inbox/read', { id: 'none' }, unknown('notification', 'none'), 'not_found'],
  ['a task with a long id', `PATCH /tasks/${'t'.repeat(300)}`, {}, /"id" must have 1 to 256 characters; got 300/],
  [
    'a task with a longer id',
    `PATCH /tasks/${'t'.repeat(600)}`,
    {},
    /1 to 256 characters; one of these has more: ".*ttt"/,
  ],
  ['an id that is not UTF-8', 'GET /notifications/%ff', undefined, /UTF-8 as encodeURIComponent .*; got ".*%ff"/],
  ['an id with NUL', 'GET /notifications/a%00b', undefined, /^"id" must be text without NUL .*; got "a\\u0000b"/],
  ['a user with NUL', 'PUT /users/a%00b/roles', { roles: [] }, /^"id" must be text without NUL/],
  ['a member that is none', 'POST /inbox/read', { id: 'n', ids_: ['n'] }, /has no member "ids_"/],
  ['a misspelt limit of what is read', 'POST /inbox/read_all', { upto: 1 }, /has no member "upto"/],
  [
    'the same as an action',
    'POST /actions',
    { action: 'mark_all_read', upto: 1 },
    /^the action "mark_all_read" has no member "upto"/,
  ],
  ['no ids', 'POST /inbox/read', {}, /needs "id" or "ids"/],
  ['an empty list', 'POST /inbox/read', { ids: [] }, /^ids must not have fewer than 1 items; got \[\]/],
  ['1,001 ids', 'POST /inbox/read', { ids: Array(1_001).fill('n') }, /^ids must not have more than 1000 items/],
  ['ids that are numbers', 'POST /inbox/read', { ids: [7] }, /^ids\.0 must be string; got 7$/],
];

/** Cursors that another list gave, or none did: what waits is paged by such as the first. */
const waiting = '17.n1';
const cursors = ['x', '-1', '1.5', 't1:7', waiting, '9007199254740993'].flatMap((before): BadInput[] => {
  const says = /^"before" must be (a whole number|0 to 9007199254740991); got "?[^"]+"?$/;
  const place = /^"before" must be the next_before of an earlier page of what is scheduled; got "/;
  const scheduled: BadInput = [`what waits before ${before}`, `GET /notifications?before=${before}`, undefined, place];
  return [
    [`the inbox before ${before}`, `GET /inbox?before=${before}`, undefined, says],
    [`tasks before ${before}`, `GET /tasks?before=${before}`, undefined, says],
    ...(before === waiting ? [] : [scheduled]),
  ];
});

const queries: BadInput[] = [
  [
    'a word too many',
    'GET /inbox?limt=5',
    undefined,
    /^there is no "limt" in the query of this call; it takes before, limit,/,
  ],
  [
    'a query that nothing reads',
    'GET /connections?all=1',
    undefined,
    /no "all" in the query of this call; it takes none$/,
  ],
  ['a batch’s choice for one', `${send}?atomic=true`, { to }, /^"atomic" is for POST \/api\/v1\/notifications\/batch/],
  [
    'two ids',
    'GET /tasks/a?task_id=b',
    undefined,
    /^the path has the id "a", and the query "task_id"; with it the path has "-"/,
  ],
  [
    'an id that is too long',
    `GET /tasks/-?task_id=${'t'.repeat(257)}`,
    undefined,
    /^"task_id" must have 1 to 256 characters/,
  ],
  ['an id that is none', 'GET /tasks/-?task_id=a%2Fb', undefined, /^there is no task "a\/b"/, 'not_found'],
  ['a view that is none', 'GET /inbox?view=trash', undefined, /"view" must be inbox, archived or snoozed; got "trash"/],
  ['a limit given twice', 'GET /inbox?limit=1&limit=2', undefined, /"limit" is there 2 times; give it once/],
  ['a limit of 1,000', 'GET /tasks?limit=1000', undefined, /"limit" must be 1 to 100; got 1000/],
  ['a limit that is no number', 'GET /tasks?limit=many', undefined, /"limit" must be a whole number; got "many"/],
  ['unread that is neither', 'GET /inbox?unread=maybe', undefined, /"unread" must be true or false; got "maybe"/],
  ['a time that is none', 'GET /inbox?since=yesterday', undefined, /"since".*ISO 8601.*got "yesterday"/],
  [
    'times the wrong way round',
    'GET /inbox?since=2031-02-01T00:00Z&until=2031-01-01T00:00Z',
    undefined,
    /before "until"/,
  ],
  [
    'a search of 201 characters',
    `GET /inbox?q=${'x'.repeat(201)}`,
    undefined,
    /"q" must have 1 to 200 characters; got 201/,
  ],
  ['a search for NUL', 'GET /inbox?q=a%00', undefined, /^"q" must be text without NUL/],
  ['a list of what was sent', 'GET /notifications?status=live', undefined, /"status" must be scheduled; got "live"/],
  ['taking back what is live', 'DELETE /notifications/n?status=live', undefined, /must be scheduled; got "live"/],
  ['a wait of an hour', 'GET /answers?wait=3600', undefined, /"wait" must be 0 to 60; got 3600/],
  ['an answer to come', 'GET /answers?after=999999', undefined, /"after" must be the rev of an answer, .*; got 999999/],
  ['by what is nothing', 'GET /users/1/connections?by=shoe', undefined, /"by" must be id or username; got "shoe"/],
];

const marks: BadInput[] = [
  ['a snooze without a time', 'POST /inbox/snooze', { id: 'n' }, /needs "until"/],
  [
    'a snooze in the past',
    'POST /inbox/snooze',
    { id: 'n', until: '2001-01-01T00:00:00Z' },
    /^until .*to come.*; got 2001/,
  ],
  [
    'a snooze for more than a year',
    'POST /inbox/snooze',
    { id: 'n', until: inDays(aYear) },
    /^until .*within a year; got /,
  ],
  ['a snooze until tomorrow', 'POST /inbox/snooze', { id: 'n', until: 'tomorrow' }, /ISO 8601 .*; got "tomorrow"/],
  ['a rev that is text', 'POST /inbox/read_all', { up_to: 'now' }, /^up_to must be integer; got "now"/],
];

const tasks: BadInput[] = [
  ['a progress of 101', 'PATCH /tasks/t', { progress: 101 }, /^progress must be <= 100; got 101/],
  ['a status that is none', 'PATCH /tasks/t', { status: 'done' }, /"completed".*; got "done"/],
];

const rights: BadInput[] = [
  [
    'a role of 257 characters',
    'PUT /users/1/roles',
    { roles: ['r'.repeat(257)] },
    /^roles\.0 must not have more than 256 characters/,
  ],
  ['roles that are no list', 'PUT /users/1/roles', { roles: 'admin' }, /^roles must be array; got "admin"/],
  ['no roles', 'PUT /users/1/roles', {}, /needs "roles"/],
  ['nobody to revoke', 'POST /tokens/revoke', {}, /exactly one of user, token_id, session_id; got none/],
  ['two to revoke', 'POST /tokens/revoke', { user: '1', token_id: 'j' }, /exactly one of .*; got user, token_id/],
  ['a long reason', 'POST /users/1/disconnect', { reason: 'x'.repeat(101) }, /^reason must not have more than 100/],
];

/** Everything that is refused, by what is wrong. */
export const badInput = {
  ...{ audiences, 'text that is none': unstorable, notifications, bodies, ids, 'pages from elsewhere': cursors },
  ...{ queries, marks, tasks, rights },
};
