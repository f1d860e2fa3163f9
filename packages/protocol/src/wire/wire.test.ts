import type { Static, TSchema } from 'typebox';
import { expectTypeOf, it } from 'vitest';
import type * as protocol from '../index.ts';
import type * as schemas from '../schemas/index.ts';
import type { InboxFilter } from './inbox.ts';

type Of<S extends TSchema> = Static<S>;

it('declares each shape as its schema has it (the type check is the test)', () => {
  expectTypeOf<protocol.Audience>().toEqualTypeOf<Of<typeof schemas.Audience>>();
  expectTypeOf<protocol.NotificationType>().toEqualTypeOf<Of<typeof schemas.NotificationType>>();
  expectTypeOf<protocol.NotificationAction>().toEqualTypeOf<Of<typeof schemas.NotificationAction>>();
  expectTypeOf<protocol.NotifyInput>().toEqualTypeOf<Of<typeof schemas.NotifyInput>>();
  expectTypeOf<protocol.NotifyResult>().toEqualTypeOf<Of<typeof schemas.NotifyResult>>();
  expectTypeOf<protocol.NotificationEdit>().toEqualTypeOf<Of<typeof schemas.NotificationEdit>>();
  expectTypeOf<protocol.Answer>().toEqualTypeOf<Of<typeof schemas.Answer>>();
  expectTypeOf<protocol.AnswerEvent>().toEqualTypeOf<Of<typeof schemas.AnswerEvent>>();
  expectTypeOf<protocol.AnswerResult>().toEqualTypeOf<Of<typeof schemas.AnswerResult>>();
  expectTypeOf<protocol.AnswerPage>().toEqualTypeOf<Of<typeof schemas.AnswerPage>>();
  expectTypeOf<protocol.TaskStatus>().toEqualTypeOf<Of<typeof schemas.TaskStatus>>();
  expectTypeOf<protocol.TaskReport>().toEqualTypeOf<Of<typeof schemas.TaskReport>>();
  expectTypeOf<protocol.TaskStart>().toEqualTypeOf<Of<typeof schemas.TaskStart>>();
  expectTypeOf<protocol.TaskAnswer>().toEqualTypeOf<Of<typeof schemas.TaskAnswer>>();
  expectTypeOf<protocol.Task>().toEqualTypeOf<Of<typeof schemas.Task>>();
  expectTypeOf<protocol.TaskPage>().toEqualTypeOf<Of<typeof schemas.TaskPage>>();
  expectTypeOf<protocol.LinkedTask>().toEqualTypeOf<Of<typeof schemas.LivingTask>>();
  expectTypeOf<protocol.Receipt>().toEqualTypeOf<Of<typeof schemas.Receipt>>();
  expectTypeOf<protocol.UnreadCount>().toEqualTypeOf<Of<typeof schemas.UnreadCount>>();
  expectTypeOf<protocol.MarkResult>().toEqualTypeOf<Of<typeof schemas.MarkResult>>();
  expectTypeOf<protocol.ConnectedUser[]>().toEqualTypeOf<Of<typeof schemas.ConnectedUsers>['users']>();
  expectTypeOf<protocol.UserConnections>().toEqualTypeOf<Of<typeof schemas.UserConnections>>();
  expectTypeOf<protocol.UserRoles>().toEqualTypeOf<Of<typeof schemas.UserRoles>>();
  expectTypeOf<protocol.Disconnection>().toEqualTypeOf<Of<typeof schemas.DisconnectInput>>();
  expectTypeOf<protocol.Disconnected>().toEqualTypeOf<Of<typeof schemas.Disconnected>>();
  expectTypeOf<protocol.SystemHealth>().toEqualTypeOf<Of<typeof schemas.SystemHealth>>();
  expectTypeOf<protocol.RoomAccess>().toEqualTypeOf<Of<typeof schemas.RoomAccess>>();
  expectTypeOf<protocol.RoomMembership>().toEqualTypeOf<Of<typeof schemas.RoomMembership>>();
  expectTypeOf<protocol.RoomMemberPage>().toEqualTypeOf<Of<typeof schemas.RoomMemberPage>>();
  expectTypeOf<protocol.RoomEventInput>().toEqualTypeOf<Of<typeof schemas.RoomEventInput>>();
  expectTypeOf<protocol.RoomEventPage>().toEqualTypeOf<Of<typeof schemas.RoomEventPage>>();
  expectTypeOf<protocol.RoomStateInput>().toEqualTypeOf<Of<typeof schemas.RoomStateInput>>();
  expectTypeOf<protocol.RoomStateSet>().toEqualTypeOf<Of<typeof schemas.RoomStateSet>>();
  expectTypeOf<protocol.RoomStateRemoved>().toEqualTypeOf<Of<typeof schemas.RoomStateRemoved>>();
  expectTypeOf<protocol.RoomState>().toEqualTypeOf<Of<typeof schemas.RoomState>>();
  expectTypeOf<protocol.SentRoomEvent>().toEqualTypeOf<Of<typeof schemas.SentRoomEvent>>();
  expectTypeOf<protocol.WhoAmI>().toEqualTypeOf<Of<typeof schemas.WhoAmI>>();
});

it('declares frames with members of any name, which the schemas leave open', () => {
  type View = Of<typeof schemas.NotificationView>;
  expectTypeOf<Omit<protocol.NotificationView, 'frame'>>().toEqualTypeOf<Omit<View, 'frame'>>();
  expectTypeOf<View>().toExtend<protocol.NotificationView>();
  expectTypeOf<Of<typeof schemas.ScheduledPage>>().toExtend<protocol.ScheduledPage>();
  expectTypeOf<Of<typeof schemas.InboxItem>>().toExtend<protocol.InboxItem>();
  expectTypeOf<Of<typeof schemas.InboxPage>>().toExtend<protocol.InboxPage>();
  expectTypeOf<Of<typeof schemas.UserInbox>>().toExtend<protocol.UserInbox>();
  expectTypeOf<InboxFilter>().toEqualTypeOf<Omit<protocol.ClientActionOf<'list'>, 'action' | 'ref'>>();
});
