import { isShared } from '../../domain/topics.ts';
import { isCollapsible } from './collapsible.ts';
import { type Effects, removalOf } from './effects.ts';
import { pairKey } from './pair-key.ts';
import {
  type RecordRow,
  type Source,
  type StandingRow,
  type TopicRow,
  topicsOf,
  type VersionRow,
  waitingAtOnce,
} from './source.ts';
import type { Undo } from './undo.ts';

/** A version that the batch has stored. */
interface StoredVersion extends VersionRow {
  row: RecordRow;
  standings: TopicRow[];
}

const indexed = ['external_id', 'collapse', 'task_id'] as const;

/** The records that a batch touches, with their topics, as it leaves them. */
export class WorkingRecords {
  readonly #source: Source;
  readonly #undo: Undo;
  /** The present version of each record that was written; null where there is none any more. */
  readonly #versions = new Map<string, StoredVersion | null>();
  readonly #stored = new Map<number, StoredVersion>();
  readonly #removed = new Map<number, VersionRow>();
  /** The records that have had a value in one of the `indexed` columns. */
  readonly #index = new Map<string, Set<string>>();

  constructor(source: Source, undo: Undo) {
    this.#source = source;
    this.#undo = undo;
  }

  version(id: string): VersionRow | undefined {
    const written = this.#versions.get(id);
    return written === undefined ? this.#source.version(id) : (written ?? undefined);
  }

  /** Of the notifications on a topic with an application's own id the one that asked for attention last, if that was past a rev. */
  byExternalId(topic: string, externalId: string, after: number): VersionRow | undefined {
    const askedAt = (version: VersionRow) => this.standing(version, topic)?.alert_rev ?? 0;
    const written = this.#writtenWith('external_id', externalId).filter((version) => askedAt(version) > after);
    const stored = this.#firstUnchanged((n) => this.#source.byExternalId(topic, externalId, after, n));
    return [...written, ...stored].sort((a, b) => askedAt(b) - askedAt(a))[0];
  }

  /** The notifications that are linked to a task. */
  linkedTo(taskId: string): VersionRow[] {
    return [...this.#unchanged(this.#source.linkedTo(taskId)), ...this.#writtenWith('task_id', taskId)];
  }

  /** The keys of a room that have a value. @param topics of their records, as stored */
  roomState(topics: string): VersionRow[] {
    const written = [...this.#stored.values()].filter(({ row }) => row.kind === 'room_state' && row.topics === topics);
    return [...this.#unchanged(this.#source.roomState(topics)), ...written];
  }

  /** The live notification that asked last of those that were stored with the same collapse key. */
  collapsible(collapse: string): VersionRow | undefined {
    const written = this.#writtenWith('collapse', collapse).filter(({ row }) => isCollapsible(row));
    const stored = this.#firstUnchanged((n) => this.#source.collapsible(collapse, n));
    // An edit keeps its `alert_rev`, so a written version may have asked earlier than a stored one.
    return [...written, ...stored].sort((a, b) => b.alert_rev - a.alert_rev)[0];
  }

  /**
   * The versions on a topic, by the rev at which they last asked for attention there, and then by their own. Of those that were stored before
   * the batch the oldest `waitingAtOnce`; `hasMore` says that there may be others.
   */
  versionsOnTopic(topic: string): { versions: VersionRow[]; hasMore: boolean } {
    const found = this.#source.versionsOnTopic(topic);
    const written = [...this.#stored.values()].filter(({ standings }) => standings.some((one) => one.topic === topic));
    const versions = [...this.#unchanged(found), ...written];
    const placed = versions.map((version) => ({
      version,
      place: this.standing(version, topic)?.alert_rev || version.rev,
    }));
    placed.sort((a, b) => a.place - b.place || a.version.rev - b.version.rev);
    return { versions: placed.map(({ version }) => version), hasMore: found.length === waitingAtOnce };
  }

  record(version: VersionRow): RecordRow | undefined {
    return this.#stored.get(version.rev)?.row ?? this.#source.record(version);
  }

  standing(version: VersionRow, topic: string): StandingRow | undefined {
    const stored = this.#stored.get(version.rev);
    return stored ? stored.standings.find((one) => one.topic === topic) : this.#source.standing(version, topic);
  }

  /** Stores a version at the newest rev. */
  store(row: RecordRow, standings: TopicRow[]): void {
    const { id, rev, topics, alert_rev } = row;
    const version = { id, rev, topics, alert_rev, row, standings };
    this.#undo.set(this.#stored, row.rev, version);
    this.#undo.set(this.#versions, row.id, version);
    for (const column of indexed) {
      const value = row[column];
      if (value === null) continue;
      const key = pairKey(column, value);
      const ids = this.#index.get(key);
      if (ids) ids.add(row.id);
      else this.#index.set(key, new Set([row.id]));
    }
  }

  /** Removes a version from all its topics. */
  remove(version: VersionRow): void {
    if (this.#stored.has(version.rev)) this.#undo.delete(this.#stored, version.rev);
    else this.#undo.set(this.#removed, version.rev, version);
    this.#undo.set(this.#versions, version.id, null);
  }

  effects(): Pick<Effects, 'removedVersions' | 'removedTopics' | 'records' | 'topics' | 'topicCounts'> {
    const stored = [...this.#stored.values()];
    return {
      ...removalOf([...this.#removed.values()]),
      records: stored.map(({ row }) => row),
      topics: stored.flatMap(({ standings }) => standings),
      topicCounts: this.#topicCounts(stored),
    };
  }

  #topicCounts(stored: readonly StoredVersion[]): Effects['topicCounts'] {
    const counted = (topic: string, standing: StandingRow | undefined, n: number): Effects['topicCounts'] => {
      if (!standing || !isShared(topic) || standing.alert_rev === 0 || standing.expired === 1) return [];
      return [{ topic, category: standing.category, alert_rev: standing.alert_rev, n }];
    };
    return [
      ...[...this.#removed.values()].flatMap((version) =>
        topicsOf(version.topics).flatMap((topic) => counted(topic, this.#source.standing(version, topic), -1)),
      ),
      ...stored.flatMap(({ standings }) => standings.flatMap((standing) => counted(standing.topic, standing, 1))),
    ];
  }

  /** The versions that were stored with a value. */
  #writtenWith(column: (typeof indexed)[number], value: string): StoredVersion[] {
    const ids = this.#index.get(pairKey(column, value));
    if (!ids) return [];
    const versions = [...ids].flatMap((id) => this.#versions.get(id) ?? []);
    return versions.filter(({ row }) => row[column] === value);
  }

  #unchanged(versions: readonly VersionRow[]): VersionRow[] {
    return versions.filter(({ id }) => !this.#versions.has(id));
  }

  /** The first of the source's versions whose record was not written; the list is empty if there is none. */
  #firstUnchanged(nth: (n: number) => VersionRow | undefined): VersionRow[] {
    for (let n = 0; ; n++) {
      const version = nth(n);
      if (!version) return [];
      if (!this.#versions.has(version.id)) return [version];
    }
  }
}
