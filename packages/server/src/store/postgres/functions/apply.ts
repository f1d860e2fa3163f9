/**
 * One group commit. `io` has what was `seen` of the head, the `latest` time of the writes, and their `segments` in order:
 * a run of plain new notifications, whose rows are slices of the arrays, or a group of writes. It comes back with what
 * was stored. The sequence's row is locked all the while, so that revs are given in commit order.
 *
 * This is a procedure because it commits by itself, in the middle of its call: however slowly the client sends and reads,
 * or where it is stopped, nobody else waits for it.
 */
export const apply = `
create or replace procedure tidings_apply(
  inout io json, ids text[], topics text[], bodies text[], states text[], external_ids text[], ats bigint[],
  types text[], searches text[], dues bigint[], categories text[], asks boolean[], keys text[], hashes text[],
  heard text[], hearers int[]
) language plpgsql as $$
declare
  reached bigint;
  start bigint;
  segment json;
  a int;
  b int;
  done record;
  results json[] := '{}';
  told json[] := '{}';
begin
  perform tidings_settle();
  select s.head into reached from sequence s where s.id = 1 for update;
  start := reached;
  if reached < (io->>'seen')::bigint then
    raise exception 'the sequence stands at %, and was at % before', reached, io->>'seen' using errcode = 'TD001';
  end if;
  for segment in select * from json_array_elements(io->'segments') loop
    if segment->'writes' is not null then
      select * into done from tidings_group((segment->>'whole')::boolean, segment->'writes', reached);
      results := results || to_json(done.outcomes);
      told := told || done.told;
    else
      a := segment->>'first';
      b := segment->>'last';
      select * into done from tidings_publish(reached, segment->'wholes', ids[a:b], topics[a:b], bodies[a:b],
        states[a:b], external_ids[a:b], ats[a:b], types[a:b], searches[a:b], dues[a:b], categories[a:b], asks[a:b],
        keys[a:b], hashes[a:b], heard[(segment->>'heardFirst')::int:(segment->>'heardLast')::int],
        hearers[(segment->>'heardFirst')::int:(segment->>'heardLast')::int]);
      results := results || done.outcomes;
    end if;
    reached := done.head;
  end loop;
  if reached > start then
    update sequence set head = reached where id = 1;
    insert into marks (at, rev) select (io->>'latest')::bigint, reached
      where (io->>'latest')::bigint >= coalesce((select m.at from marks m order by m.at desc limit 1), 0) + 60000
      on conflict do nothing;
  end if;
  io := json_build_object('from', start + 1, 'to', reached, 'results', results, 'told', told,
    'term', (select t.term from terms t order by t.ordinal desc limit 1));
  commit;
end $$;
`;

/** Writes of one caller, where they are not all plain: each for itself, or whole, which is undone where one cannot be stored. */
export const group = `
create or replace function tidings_group(is_whole boolean, writes json, inout head bigint, out outcomes json[],
  out told json[]) language plpgsql as $$
declare
  before bigint := head;
  n int := 0;
  w json;
  done record;
begin
  outcomes := '{}';
  told := '{}';
  if not is_whole then
    for w in select * from json_array_elements(writes) loop
      select * into done from tidings_write(w, head);
      head := done.head;
      outcomes := outcomes || done.outcome;
      told := told || done.told;
    end loop;
    return;
  end if;
  begin
    for w in select * from json_array_elements(writes) loop
      n := n + 1;
      select * into done from tidings_write(w, head);
      if done.outcome->>'status' in ('mismatch', 'stale') then raise exception using errcode = 'TD002'; end if;
      head := done.head;
      outcomes := outcomes || done.outcome;
      told := told || done.told;
    end loop;
  exception when sqlstate 'TD002' then
    head := before;
    told := '{}';
    outcomes := array_fill('{"status":"aborted"}'::json, array[json_array_length(writes)]);
    outcomes[n] := done.outcome;
  end;
end $$;

create or replace function tidings_write(w json, inout head bigint, out outcome json, out told json[])
language plpgsql as $$
declare
  done record;
begin
  case w->>'op'
    when 'put' then
      select * into done from tidings_put(w, head);
      told := array(select json_build_object('settled', s.one) from unnest(done.settled) with ordinality s (one, n) order by s.n);
    when 'receipt' then
      select * into done from tidings_receipt(w, head);
      told := done.told;
    when 'rights' then
      select * into done from tidings_rights(w, head);
      told := case when done.told is null then '{}' else array[json_build_object('audiences', done.told)] end;
    when 'bind' then
      select * into done from tidings_bind(w->>'user_id', w->>'username', head);
      told := done.moved;
  end case;
  head := done.head;
  outcome := done.outcome;
end $$;
`;
