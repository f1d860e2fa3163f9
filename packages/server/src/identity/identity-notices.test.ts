import { expect, test } from 'vitest';
import type { TelemetryEvent } from '../telemetry/events.ts';
import { badAnswer } from './ask-service.ts';
import { IdentityNotices } from './identity-notices.ts';

test.each([
  ['connect ECONNREFUSED 127.0.0.1:9', new Error('connect ECONNREFUSED 127.0.0.1:9')],
  ['no such host', new TypeError('fetch failed', { cause: new Error('no such host') })],
  ['ECONNREFUSED', Object.assign(new AggregateError([new Error(), new Error()]), { code: 'ECONNREFUSED' })],
])('the cause of an outage is %s', (cause, error) => {
  const events: TelemetryEvent[] = [];
  new IdentityNotices({ emit: (event) => events.push(event) }).unavailable(badAnswer('auth.url', 'fails', error), 0);
  expect(events).toMatchObject([{ type: 'identity_unavailable', cause }]);
});
