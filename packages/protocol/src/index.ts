export { checkJson } from './check-json.ts';
export { CloseCode, docsUrl, type ErrorCode, errorCodes, isErrorCode } from './codes.ts';
export { type Cursor, cursorTagLength, formatCursor, parseCursor, revOfCursor } from './cursor.ts';
export { TidingsError, type WireError } from './errors.ts';
export {
  type DurableFields,
  type FrameMap,
  type FrameType,
  isDurable,
  parseFrame,
  type ServerFrame,
  type TidingsEvents,
  type UnknownFrame,
} from './frames.ts';
export { isProgress, mergeIntoEnd, mergeReports } from './merge-reports.ts';
export { OptionalPromise } from './optional-promise.ts';
export type { ActionName, ClientAction, ClientActionOf } from './schemas/actions.ts';
export type { NotificationAction } from './schemas/fields.ts';
export type { FrameName, FrameOf, LivingTask, Receipt } from './schemas/frames.ts';
export type {
  Answer,
  AnswerEvent,
  Audience,
  NotificationEdit,
  NotifyInput,
  NotifyResult,
  Task,
  TaskAnswer,
  TaskReport,
  TaskStart,
  TaskStatus,
} from './schemas/publish.ts';
export { reasonOf } from './thrown.ts';
