export * from './actions.ts';
export * from './answers.ts';
export { explain } from './explain.ts';
export * from './fields.ts';
export * from './frames.ts';
export { deepest, isTooDeep } from './nesting.ts';
export { type ActionResult, parseAction } from './parse-action.ts';
export * from './publish.ts';
export * from './replies.ts';
