import type { ColumnType } from '../../plan/effects.ts';

/** The rows that a plan was made from, each of which must be the same when the plan is applied. */
export interface Expectations {
  /** Records with the rev they are at, 0 where there is none. */
  versions: { id: string; rev: number }[];
  receipts: { user_id: string; record_id: string }[];
  /** Users of whose receipts none may be newer. */
  receiptsOf: { user_id: string }[];
  watermarks: { user_id: string }[];
  memberships: { user_id: string }[];
  /** Tasks to which nothing newer is linked. */
  links: { task_id: string }[];
  collapses: { collapse: string }[];
  topics: { topic: string }[];
  names: { username: string; user_id: string | null }[];
  roles: { user_id: string; roles_at: number }[];
}

interface ExpectationKind {
  columns: Readonly<Record<string, ColumnType>>;
  /** A join to the rows `e` with the columns, which leaves only those that are not as expected. */
  broken: string;
}

/** Most rows bear the rev of their last change: they are as expected while that is not above the head that was `seen`. */
export const expectationKinds: Readonly<Record<keyof Expectations, ExpectationKind>> = {
  versions: {
    columns: { id: 'text', rev: 'bigint' },
    broken: 'left join records r on r.id = e.id where coalesce(r.rev, 0) <> e.rev',
  },
  receipts: {
    columns: { user_id: 'text', record_id: 'text' },
    broken: 'join receipts c on c.user_id = e.user_id and c.record_id = e.record_id where c.rev > seen',
  },
  receiptsOf: {
    columns: { user_id: 'text' },
    broken: 'join receipts c on c.user_id = e.user_id and c.rev > seen',
  },
  watermarks: {
    columns: { user_id: 'text' },
    broken: 'join users u on u.user_id = e.user_id where u.read_upto_rev > seen',
  },
  memberships: {
    columns: { user_id: 'text' },
    broken: 'join audiences a on a.user_id = e.user_id and a.rev > seen',
  },
  links: {
    columns: { task_id: 'text' },
    broken: 'join records r on r.task_id = e.task_id and r.rev > seen',
  },
  collapses: {
    columns: { collapse: 'text' },
    broken: 'join records r on r.collapse = e.collapse where r.rev > seen',
  },
  topics: {
    columns: { topic: 'text' },
    broken: 'join record_topics t on t.topic = e.topic and t.rev > seen',
  },
  names: {
    columns: { username: 'text', user_id: 'text' },
    broken: 'left join users u on u.username = e.username where u.user_id is distinct from e.user_id',
  },
  roles: {
    columns: { user_id: 'text', roles_at: 'bigint' },
    broken: 'left join users u on u.user_id = e.user_id where coalesce(u.roles_at, 0) <> e.roles_at',
  },
};
