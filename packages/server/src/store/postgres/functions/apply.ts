import { countSteps } from '../../counts.ts';
import { statements } from '../../statements.ts';
import type { StatementName } from '../../steps.ts';
import { postgresCompiler } from '../dialect.ts';
import { arrayParams, checkExpectations, effectNames, effectStatement } from './arrays.ts';

/** The first of the two numbers of the lock that commits take in turn; the second is the table's. */
const commitLock = 7_418_212;

const texts = statements(postgresCompiler());

/** One of the statements, with SQL in the place of its parameters. */
export function statement<Name extends StatementName>(name: Name, params: Record<string, string> = {}): string {
  const { sql, order } = texts[name];
  return sql.replace(/\$(\d+)/g, (_, n) => `(${params[order[Number(n) - 1] as string]})`);
}

/**
 * Applies a plan as data; it knows none of the rules. `io` has the head that was `seen` and the head that was `planned`, both
 * of the plan, and whether the plan holds for exactly the head that was seen. What the plan expects of the rows it was made from is
 * checked by a statement of its own, which therefore sees all that was committed before the lock was had. Where anything is
 * otherwise, nothing is stored.
 *
 * This is a procedure because it commits by itself, in the middle of its call: however slowly the client sends and reads,
 * or where it is stopped, nobody else waits for it. The counts of the inboxes that frames carry are read after the commit, when
 * others may go on.
 */
export const apply = `
create or replace procedure tidings_apply(inout io json, ${arrayParams.map(({ name, type }) => `${name} ${type}[]`).join(', ')})
language plpgsql as $$
declare
  seen bigint := io->>'seen';
  planned bigint := io->>'planned';
  reached bigint;
  shift bigint;
  failed boolean;
  who text;
  present_term text;
  states json := '[]';
begin
  perform tidings_apply_settings();
  -- First come, first served, which waiters for a row are not.
  perform pg_advisory_xact_lock(${commitLock}, 'sequence'::regclass::oid::int);
  select s.head into reached from sequence s where s.id = 1 for update;
  if reached < seen then
    raise exception 'the sequence stands at %, and was at % before', reached, seen using errcode = 'TD001';
  end if;
  failed := reached > seen and (io->>'exact')::boolean;
  ${checkExpectations}
  if failed then
    rollback;
    io := '{"expected":false}';
    return;
  end if;
  shift := reached - seen;
  ${effectNames.map(effectStatement).join('\n  ')}
  for who in select * from json_array_elements_text(io->'recounted') loop
    perform tidings_count_anew(who);
  end loop;
  if planned > seen then update sequence set head = planned + shift where id = 1; end if;
  present_term := (select t.term from terms t order by t.ordinal desc limit 1);
  if (io->>'rehearsal')::boolean then
    rollback;
    io := json_build_object('expected', true, 'head', reached, 'term', present_term, 'states', states);
    return;
  end if;
  commit;
  if json_array_length(io->'users') > 0 then
    perform tidings_apply_settings();
    states := tidings_states(array(select * from json_array_elements_text(io->'users')));
  end if;
  io := json_build_object('expected', true, 'head', reached, 'term', present_term, 'states', states);
end $$;
`;

/** A user's unread counts, as the same statements have them that readers use. */
export const counts = `
create or replace function tidings_count_anew(who text) returns void language plpgsql as $$
declare
  own text := 'user:' || who;
begin
  ${statement('clearCounts', { userId: 'who' })};
  insert into unread_counts (user_id, category, unread)
    select who, x.category, sum(x.n) from (
    ${statement('ownAbove', { userId: 'who', topic: 'own' })}
    union all
    ${statement('ownBelow', { userId: 'who', topic: 'own' })}) x group by x.category;
end $$;

create or replace function tidings_states(who text[]) returns json language plpgsql as $$
begin
  return (select json_agg(json_build_object('user_id', asked.id, 'as_of', s.head,
      'read_upto', (select u.read_upto from users u where u.user_id = asked.id),
      'counts', (select coalesce(json_agg(x), '[]') from (
        ${countSteps('')
          .map(({ name }) => statement(name, { userId: 'asked.id' }))
          .join('\nunion all\n')}) x)))
    from sequence s, unnest(who) asked (id));
exception when others then
  -- What was committed stays committed, even if the counts cannot be read.
  return null;
end $$;
`;
