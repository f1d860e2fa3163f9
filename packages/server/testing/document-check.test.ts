import { expect, test } from 'vitest';
import { DocumentCheck } from './document-check.ts';

const object = (properties: object, more: object = {}) => ({
  ...{ type: 'object', required: Object.keys(properties), properties },
  ...more,
});
const problem = object({ code: { type: 'string' } });
const check = new DocumentCheck({
  openApi: {
    paths: {
      '/things/{id}': {
        get: {
          operationId: 'readThing',
          responses: {
            200: { content: { 'application/json': { schema: object({ name: { type: 'string' } }) } } },
            204: {},
            404: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
          },
        },
      },
    },
    components: { schemas: { Problem: problem } },
  },
  asyncApi: {
    components: {
      messages: {
        'frame.ping': { payload: object({ type: { const: 'ping' } }) },
        'frame.application_event': { payload: object({ rev: { type: 'integer' } }, { 'x-any-members': true }) },
        'reply.list': { payload: object({ type: { const: 'reply' }, items: { type: 'array' } }) },
      },
    },
  },
});
const answer = (status: number, body: unknown, more: object = {}) =>
  check.misfitOfAnswer({ method: 'GET', path: '/things/1?x=2', status, type: 'application/json', body, ...more });

test('takes what is described', () => {
  const type = 'application/problem+json; charset=utf-8';
  expect(answer(200, { name: 'a' })).toBeNull();
  expect(answer(204, '', { type: '' })).toBeNull();
  expect(answer(404, { code: 'not_found' }, { type })).toBeNull();
  expect(answer(404, { code: 'not_found' }, { path: '/nothing', type })).toBeNull();
  expect(check.misfitOfFrame({ type: 'ping' })).toBeNull();
  expect(check.misfitOfFrame({ type: 'paid', rev: 1, amount: 5 })).toBeNull();
  expect(check.misfitOfFrame({ type: 'reply', items: [] }, ['list'])).toBeNull();
});

test.each<[string, string | null, RegExp]>([
  ['a member too many', answer(200, { name: 'a', secret: 1 }), /additional properties/],
  ['a member too few', answer(200, {}), /required property 'name'/],
  ['a member of another type', answer(200, { name: 1 }), /must be string/],
  ['a status', answer(500, {}), /500 is not described/],
  ['a content type', answer(200, '<p>', { type: 'text/html' }), /not described as text\/html/],
  ['a body where there is none', answer(204, 'x'), /without a body/],
  ['a path', answer(200, {}, { path: '/other' }), /GET \/other 200 is not described/],
  ['an error that is none', answer(404, {}, { path: '/other' }), /required property 'code'/],
  ['a frame with more than it has', check.misfitOfFrame({ type: 'ping', more: 1 }), /additional properties/],
  ['an event without a rev', check.misfitOfFrame({ type: 'paid' }), /required property 'rev'/],
  ['the reply to another action', check.misfitOfFrame({ type: 'reply', marked: 1 }, ['list']), /the reply to list/],
])('finds %s that is not described', (_name, misfit, text) => {
  expect(misfit).toMatch(text);
});
