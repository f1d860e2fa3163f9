import type * as protocol from '@tidings/protocol';
import type * as schemas from '@tidings/protocol/schemas';
import { expectTypeOf, it } from 'vitest';
import type * as port from './port.ts';
import type * as wire from './wire.ts';

it('declares what the protocol declares (the type check is the test)', () => {
  expectTypeOf<wire.Audience>().toEqualTypeOf<protocol.Audience>();
  expectTypeOf<wire.NotifyInput>().toEqualTypeOf<protocol.NotifyInput>();
  expectTypeOf<wire.NotifyResult>().toEqualTypeOf<protocol.NotifyResult>();
  expectTypeOf<wire.NotificationAction>().toEqualTypeOf<protocol.NotificationAction>();
  expectTypeOf<wire.NotificationEdit>().toEqualTypeOf<protocol.NotificationEdit>();
  expectTypeOf<wire.Answer>().toEqualTypeOf<protocol.Answer>();
  expectTypeOf<wire.AnswerEvent>().toEqualTypeOf<protocol.AnswerEvent>();
  expectTypeOf<Omit<wire.NotificationView, 'frame'>>().toEqualTypeOf<Omit<schemas.NotificationView, 'frame'>>();
  expectTypeOf<port.ScheduledPage>().toExtend<schemas.ScheduledPage>();
  expectTypeOf<port.Disconnection>().toEqualTypeOf<schemas.DisconnectInput>();
  expectTypeOf<port.Disconnected>().toEqualTypeOf<schemas.Disconnected>();
  expectTypeOf<port.UserRoles>().toEqualTypeOf<schemas.UserRoles>();
  expectTypeOf<port.ConnectedUser[]>().toEqualTypeOf<schemas.ConnectedUsers['users']>();
  expectTypeOf<wire.TaskStart>().toEqualTypeOf<protocol.TaskStart>();
  expectTypeOf<wire.TaskReport>().toEqualTypeOf<protocol.TaskReport>();
  expectTypeOf<wire.TaskAnswer>().toEqualTypeOf<protocol.TaskAnswer>();
  expectTypeOf<wire.Task>().toEqualTypeOf<protocol.Task>();
});
