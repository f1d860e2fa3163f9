import { type Change, changeTo } from './content-change.ts';
import { contentOf } from './document-content.ts';
import type { YjsLibrary } from './yjs-document.ts';

/** Work on the whole content of documents, which takes as long as they are large. */
export type ContentTask =
  | { do: 'change'; state: Uint8Array; version: Uint8Array; documentBytes: number }
  | { do: 'read'; state: Uint8Array };

export interface ContentResults {
  change: Change | null;
  read: Record<string, unknown> | null;
}

export function doTask(yjs: YjsLibrary, task: ContentTask): ContentResults[ContentTask['do']] {
  return task.do === 'change'
    ? changeTo(yjs, task.state, task.version, task.documentBytes)
    : contentOf(yjs, task.state);
}
