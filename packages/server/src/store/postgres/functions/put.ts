import { addToCounts, isNotRead, isOwn, isUnread, person, userOf } from './expressions.ts';

/** What came from the outbox is gone from it in the transaction in which it is stored, or found to be. */
const leaveOutbox = 'if p.outbox is not null then delete from tidings_outbox o where o.id = p.outbox; end if;';

/**
 * Stores a record, new or as a new version of what is there. `w` is a put as request.ts makes it; `outcome` is as in
 * the ports, `settled` says in what it came out otherwise than it was written, empty where in nothing.
 */
export const put = `
create or replace function tidings_put(w json, inout head bigint, out outcome json, out settled json[])
language plpgsql as $$
declare
  p record;
  known record;
  place record;
  older record;
  target record;
  before jsonb := '{}';
  heard text[];
  newest bigint;
  is_resolved boolean;
  recount boolean;
begin
  settled := '{}';
  select * into p from json_to_record(w) x (id text, kind text, topics json, audience text, body text, state text,
    alert text, expired smallint, category text, type text, search text, due_at bigint, collapse text, expect bigint,
    owner text, status text, external_id text, at bigint, key text, hash text, outbox bigint);
  if p.key is not null then
    select i.hash, i.record_id, i.rev into known from idempotency i where i.key = p.key;
    if known.hash <> p.hash then
      outcome := '{"status":"mismatch"}';
      return;
    elsif known.hash is not null then
      ${leaveOutbox}
      outcome := json_build_object('status', 'duplicate', 'id', known.record_id, 'rev', known.rev);
      return;
    end if;
  end if;

  select r.id, r.rev, r.topics into place from records r
    where r.id = p.id and not (p.kind = 'notification' and p.expect is not distinct from 0);
  if p.expect <> coalesce(place.rev, 0) then
    outcome := json_build_object('status', 'stale', 'rev', place.rev);
    return;
  end if;

  target := place;
  select o.id, o.rev, o.topics into older from tidings_collapsible(p.collapse) o
    where p.alert = 'ask' and o.id <> p.id;
  if older.rev is not null then
    if place.rev is not null then perform tidings_take_out(place.id, place.rev, place.topics); end if;
    p.body := replace(p.body, p.id, older.id);
    p.state := replace(p.state, p.id, older.id);
    p.id := older.id;
    target := older;
  end if;
  if target.rev is not null then before := tidings_take_out(target.id, target.rev, target.topics); end if;

  head := head + 1;
  select array_agg(t.topic order by t.n) into heard
    from json_array_elements_text(p.topics) with ordinality t (topic, n);
  is_resolved := exists (select from unnest(heard) t (topic) where starts_with(t.topic, 'username:'));
  if is_resolved then heard := tidings_resolve(heard); end if;

  insert into record_topics (topic, rev, record_id, alert_rev, category, expired)
    select t.topic, head, p.id,
      case p.alert when 'never' then 0 when 'keep' then coalesce((before#>>array[t.topic, 'alert_rev'])::bigint, head)
        else head end,
      p.category, p.expired
    from unnest(heard) t (topic);
  select coalesce(max(t.alert_rev), 0) into newest from unnest(heard) x (topic)
    join record_topics t on t.topic = x.topic and t.rev = head;
  insert into records (rev, id, kind, topics, audience, body, state, owner, status, external_id, at, type, search,
      collapse, due_at, category, alert_rev, expired)
    values (head, p.id, p.kind, case when is_resolved then to_json(heard)::text else p.topics::text end, p.audience,
      p.body, p.state, p.owner, p.status, p.external_id, p.at, p.type, p.search, p.collapse, p.due_at, p.category,
      newest, p.expired);
  if p.alert = 'ask' and target.rev is not null then
    update receipts r set archived_at = null, snoozed_until = null, marked_unread = 0 where r.record_id = p.id;
  end if;
  ${addToCounts(`
    select ${userOf('t.topic')}, t.category, 1 from unnest(heard) x (topic)
      join record_topics t on t.topic = x.topic and t.rev = head ${person(userOf('t.topic'), 'p.id')}
    where ${isOwn('t.topic')} and ${isUnread('t.alert_rev', 't.expired')}`)};

  if p.key is not null then
    insert into idempotency (key, hash, record_id, rev, at) values (p.key, p.hash, p.id, head, p.at);
  end if;
  ${leaveOutbox}
  outcome := json_build_object('status', 'stored', 'id', p.id, 'rev', head);
  if older.rev is not null then
    outcome := json_build_object('status', 'stored', 'id', p.id, 'rev', head, 'collapsed', true);
  end if;
  recount := exists (select from jsonb_each(before) b (topic, was) where (was->>'alert_rev')::bigint > 0
    and (p.alert <> 'keep' or (was->>'expired')::smallint <> p.expired or was->>'category' <> p.category));
  if is_resolved or p.alert = 'keep' or recount then
    settled := array(
      select json_build_object('rev', head, 'topics', json_agg(x.topic order by x.n), 'alertRev', t.alert_rev,
        'recount', recount)
      from unnest(heard) with ordinality x (topic, n) join record_topics t on t.topic = x.topic and t.rev = head
      group by t.alert_rev order by min(x.n));
    if cardinality(settled) = 0 then
      settled := array[json_build_object('rev', head, 'topics', '[]'::json, 'alertRev', 0, 'recount', recount)];
    end if;
  end if;
end $$;
`;

/** What puts are made of. */
export const putParts = `
create or replace function tidings_collapsible(text_key text) returns table (id text, rev bigint, topics text)
language sql stable as $$
  select r.id, r.rev, r.topics from (
    select * from records r where r.collapse = text_key and r.kind = 'notification' and r.expired = 0
      and r.alert_rev > 0
      and r.status is null order by r.alert_rev desc limit 1) r
  where json_array_length(r.topics::json) <> 1 or not ${isOwn('r.topics::json->>0')} or exists (
    select from record_topics t ${person(userOf('t.topic'), 'r.id')}
    where t.topic = r.topics::json->>0 and t.rev = r.rev and ${isNotRead('t.alert_rev')})
$$;

create or replace function tidings_resolve(heard text[]) returns text[] language sql stable as $$
  select array_agg(x.topic order by x.n) from (
    select coalesce('user:' || u.user_id, t.topic) as topic, min(t.n) as n
    from unnest(heard) with ordinality t (topic, n)
      left join users u on starts_with(t.topic, 'username:') and u.username = substr(t.topic, 10)
    group by 1) x
$$;

create or replace function tidings_take_out(of_id text, of_rev bigint, of_topics text) returns jsonb
language plpgsql as $$
declare
  before jsonb;
  heard text[] := array(select * from json_array_elements_text(of_topics::json));
begin
  select coalesce(jsonb_object_agg(t.topic, jsonb_build_object(
      'alert_rev', t.alert_rev, 'expired', t.expired, 'category', t.category)), '{}') into before
    from unnest(heard) x (topic) join record_topics t on t.topic = x.topic and t.rev = of_rev;
  ${addToCounts(`
    select ${userOf('t.topic')}, t.category, -1 from unnest(heard) x (topic)
      join record_topics t on t.topic = x.topic and t.rev = of_rev ${person(userOf('t.topic'), 'of_id')}
    where ${isOwn('t.topic')} and ${isUnread('t.alert_rev', 't.expired')}`)};
  delete from record_topics t using unnest(heard) x (topic) where t.topic = x.topic and t.rev = of_rev;
  delete from records r where r.rev = of_rev;
  return before;
end $$;
`;
