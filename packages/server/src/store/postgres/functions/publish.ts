import { addToCounts, isOwn, userOf } from './expressions.ts';

/**
 * Stores a run of plain new notifications, each at a rev of its own, with one statement for each table.
 * Notifications are rows of parallel arrays, and who hears them of two more. `wholes` are the atomic groups among them,
 * as `[[first, last], ...]`. Where all are stored, `outcomes` has the rev of the first. Else it has the rev of each: 0 where its
 * key was known with the same text, -1 where it was known with another, -2 where another of its group was; and
 * `[n, id, rev, same text]` of the known ones.
 */
export const publish = `
create or replace function tidings_publish(
  inout head bigint, wholes json, ids text[], topics text[], bodies text[], states text[], external_ids text[], ats bigint[],
  types text[], searches text[], dues bigint[], categories text[], asks boolean[], keys text[], hashes text[],
  heard text[], hearers int[], out outcomes json
) language plpgsql as $$
declare
  known json;
  revs bigint[];
begin
  select json_agg(json_build_array(k.n, i.record_id, i.rev, i.hash = k.hash) order by k.n) into known
    from unnest(keys, hashes) with ordinality k (key, hash, n) join idempotency i on i.key = k.key
    where k.key is not null;
  if known is null then
    revs := array(select head + n from generate_series(1, cardinality(ids)) n);
    outcomes := json_build_object('from', head + 1);
  else
    revs := tidings_run_revs(head, cardinality(ids), wholes, known);
    outcomes := json_build_object('revs', revs, 'known', known);
  end if;
  head := greatest(head, (select max(r) from unnest(revs) r));

  insert into idempotency (key, hash, record_id, rev, at)
    select k.key, k.hash, k.id, k.rev, k.at from unnest(keys, hashes, ids, revs, ats) k (key, hash, id, rev, at)
    where k.rev > 0 and k.key is not null;
  insert into records (rev, id, kind, topics, body, state, external_id, at, type, search, due_at, category, alert_rev, expired)
    select w.rev, w.id, 'notification', w.topics, w.body, w.state, w.external_id, w.at, w.type, w.search, w.due_at,
      w.category, case when w.asks then w.rev else 0 end, 0
    from unnest(revs, ids, topics, bodies, states, external_ids, ats, types, searches, dues, categories, asks)
      w (rev, id, topics, body, state, external_id, at, type, search, due_at, category, asks)
    where w.rev > 0;
  insert into record_topics (topic, rev, record_id, alert_rev, category, expired)
    select h.topic, revs[h.n], ids[h.n], case when asks[h.n] then revs[h.n] else 0 end, categories[h.n], 0
    from unnest(heard, hearers) h (topic, n) where revs[h.n] > 0;
  ${addToCounts(`
    select ${userOf('h.topic')}, categories[h.n], count(*) from unnest(heard, hearers) h (topic, n)
    where revs[h.n] > 0 and asks[h.n] and ${isOwn('h.topic')} group by 1, 2`)};
end $$;

create or replace function tidings_run_revs(head bigint, count int, wholes json, known json) returns bigint[]
language plpgsql as $$
declare
  revs bigint[] := array_fill(1::bigint, array[count]);
  one json;
  failed int;
  n int;
begin
  for one in select * from json_array_elements(known) loop
    revs[(one->>0)::int] := case when (one->>3)::boolean then 0 else -1 end;
  end loop;
  for one in select * from json_array_elements(wholes) loop
    failed := null;
    for n in (one->>0)::int .. (one->>1)::int loop
      if revs[n] = -1 then failed := coalesce(failed, n); end if;
    end loop;
    continue when failed is null;
    for n in (one->>0)::int .. (one->>1)::int loop
      revs[n] := case when n = failed then -1 else -2 end;
    end loop;
  end loop;
  for n in 1 .. count loop
    if revs[n] = 1 then
      head := head + 1;
      revs[n] := head;
    end if;
  end loop;
  return revs;
end $$;
`;
