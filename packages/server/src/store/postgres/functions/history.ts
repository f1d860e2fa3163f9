/**
 * Tells where the history stands, and begins a term if it cannot be proved that it goes on: in an empty database, in
 * another cluster, on another time-line of it, in another database or a restored copy of one, or where the head is below
 * what the caller has `seen` of it. A row that was restored bears the number of the transaction that restored it, and
 * not of the one that wrote it.
 */
export const history = `
create or replace procedure tidings_begin(inout io json) language plpgsql as $$
declare
  s record;
  h record;
  here text;
begin
  perform tidings_apply_settings();
  select x.head, x.floor into s from sequence x where x.id = 1 for update;
  begin
    here := (select c.system_identifier from pg_control_system() c) || '/' ||
      left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) || '/' ||
      (select d.oid from pg_database d where d.datname = current_database());
  exception when others then
    here := null;  -- the server gives no identity: every connection begins a term
  end;
  select x.place = here and x.writer = x.xmin::text as is_same into h from history x;
  if h.is_same is not true or s.head < (io->>'seen')::bigint then
    insert into terms (term, from_rev) values (io->>'term', s.head + 1);
    delete from history;
    insert into history (place, writer) values (coalesce(here, ''), (txid_current() % 4294967296)::text);
  end if;
  io := json_build_object('head', s.head, 'floor', s.floor,
    'term', (select t.term from terms t order by t.ordinal desc limit 1));
  commit;
end $$;
`;
