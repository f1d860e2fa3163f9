import type { StoredRecord } from '../store/records.ts';
import { everyone, isShared, userTopic } from '../topics.ts';
import type { PutWrite } from '../writes.ts';
import { contentOf, externalIdOf, ownFields } from './fields.ts';
import { fold } from './search.ts';
import type { NotificationState, Recipient } from './state.ts';

/** One version of a notification's record, and the change that makes it. */
export interface Version {
  topics: readonly string[];
  alert: PutWrite['alert'];
  /** The rev of the version before; null for a new one. */
  expect: number | null;
  collapse?: string | null;
  key?: PutWrite['key'];
}

/** The record of a notification as it stands. */
export function notificationRecord(state: NotificationState, version: Version): PutWrite {
  const { id, content } = state;
  const dueAt = state.waits?.until ?? (state.expired ? null : state.expires_at);
  return {
    op: 'put',
    id,
    kind: 'notification',
    topics: version.topics,
    viewers: null,
    body: JSON.stringify(frameOf(state, version.topics)),
    state: isPlain(state) ? null : JSON.stringify(state),
    alert: version.alert,
    // An answered one asks for nobody's attention any more, whoever gave the answer.
    expired: state.expired || state.answer !== null,
    category: state.category,
    type: content.type,
    search: state.silent ? null : searchText(content),
    dueAt: dueAt === null ? null : Date.parse(dueAt),
    collapse: version.collapse ?? null,
    expect: version.expect,
    owner: null,
    status: state.waits ? 'scheduled' : state.answer ? 'answered' : null,
    externalId: externalIdOf(content),
    ...(state.task_id === null ? {} : { taskId: state.task_id }),
    at: state.published_at,
    key: version.key ?? null,
  };
}

/** True where the frame holds the whole state. */
const isPlain = (state: NotificationState): boolean =>
  state.waits === null && state.task_id === null && state.actions.length === 0 && state.callback_url === null;

function frameOf(state: NotificationState, topics: readonly string[]): Record<string, unknown> {
  const shared = topics.find(isShared);
  return {
    type: state.content.type,
    id: state.id,
    timestamp: new Date(state.published_at).toISOString(),
    ...ownFields(state),
    ...(state.silent ? { silent: true } : {}),
    ...(state.category === '' ? {} : { category: state.category }),
    ...(state.expires_at === null ? {} : { expires_at: state.expires_at }),
    ...(shared === undefined ? {} : { topic: shared }),
    ...(state.updated_at === null ? {} : { updated_at: state.updated_at }),
    ...(state.expired ? { expired: true } : {}),
    ...(state.collapse_key === null ? {} : { collapse_key: state.collapse_key }),
    ...(state.actions.length === 0 || state.answer ? {} : { actions: state.actions }),
    ...(state.answer === null ? {} : { answer: state.answer }),
    ...(state.task === null ? {} : { task: state.task }),
  };
}

/** The text that searches look into; null for none. */
function searchText({ title, message, data }: NotificationState['content']): string | null {
  const parts = [title ?? data?.title, message ?? data?.message, data?.file_name];
  const texts = parts.filter((part): part is string => typeof part === 'string' && part !== '');
  return texts.length === 0 ? null : fold(texts.join('\n'));
}

/** Everything that is stored of a notification. */
export function stateOf(record: StoredRecord): NotificationState {
  if (record.state !== null) return JSON.parse(record.state) as NotificationState;
  const frame = JSON.parse(record.body) as Record<string, unknown>;
  const textOr = <T>(value: unknown, other: T): string | T => (typeof value === 'string' ? value : other);
  return {
    id: record.id,
    content: contentOf(frame),
    to: recipientIn(record.topics, textOr(frame.username, null)),
    published_at: record.at,
    silent: frame.silent === true,
    category: record.category,
    expires_at: textOr(frame.expires_at, null),
    collapse_key: textOr(frame.collapse_key, null),
    ...{ actions: [], callback_url: null, task_id: null, waits: null },
    expired: record.expired,
    updated_at: textOr(frame.updated_at, null),
    ...{ answer: null, task: null },
  };
}

function recipientIn(topics: readonly string[], username: string | null): Recipient {
  const [topic] = topics;
  if (topic === everyone) return { kind: 'everyone' };
  if (topics.length !== 1 || topic === undefined) return { kind: 'several' };
  if (topic.startsWith('role:')) return { kind: 'role', name: topic.slice('role:'.length) };
  const name = topic.slice(topic.indexOf(':') + 1);
  // The frame names the recipient as the sender did.
  return username === null || username === name || topic !== userTopic(name)
    ? { kind: topic === userTopic(name) ? 'user' : 'username', name }
    : { kind: 'username', name: username };
}
