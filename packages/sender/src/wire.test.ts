import type * as protocol from '@tidings/protocol';
import { expectTypeOf, it } from 'vitest';
import type * as wire from './wire.ts';

it('declares what the protocol declares (the type check is the test)', () => {
  expectTypeOf<wire.Audience>().toEqualTypeOf<protocol.Audience>();
  expectTypeOf<wire.NotifyInput>().toEqualTypeOf<protocol.NotifyInput>();
  expectTypeOf<wire.NotifyResult>().toEqualTypeOf<protocol.NotifyResult>();
  expectTypeOf<wire.NotificationAction>().toEqualTypeOf<protocol.NotificationAction>();
  expectTypeOf<wire.NotificationEdit>().toEqualTypeOf<protocol.NotificationEdit>();
  expectTypeOf<wire.Answer>().toEqualTypeOf<protocol.Answer>();
  expectTypeOf<wire.AnswerEvent>().toEqualTypeOf<protocol.AnswerEvent>();
  expectTypeOf<wire.TaskStart>().toEqualTypeOf<protocol.TaskStart>();
  expectTypeOf<wire.TaskReport>().toEqualTypeOf<protocol.TaskReport>();
  expectTypeOf<wire.Task>().toEqualTypeOf<protocol.Task>();
});
