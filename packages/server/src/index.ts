export { TidingsError } from '@tidings/protocol';
export { devOptions, saveDevUrl } from './config/dev.ts';
export type { AuthOptions, CallbackOptions, ClaimOptions, Limits, TidingsOptions } from './config/options.ts';
export type { ApplicationUser } from './domain/identity.ts';
export type { Authenticate } from './identity/authenticator.ts';
export type { TaskContext, TaskHandler, TaskQuestion } from './runner/task-context.ts';
export type { StartOptions } from './runner/task-start.ts';
export { createTidings, type Tidings, type TidingsTasks } from './server.ts';
export type { Telemetry, TelemetryEvent } from './telemetry/events.ts';
