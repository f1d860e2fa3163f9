import { addToCounts, isNotRead, isShared, isUnread, person, since, statement } from './expressions.ts';

/** How many receipts one rev changes at most, as in sqlite/writer.ts. */
const receiptsAtOnce = '1000';

/** Says what a user did with notifications. `told` is what the frames of it are made of. */
export const receipt = `
create or replace function tidings_receipt(w json, inout head bigint, out outcome json, out told json[])
language plpgsql as $$
declare
  p record;
  heard text[];
  done record;
begin
  select * into p from json_to_record(w) x (user_id text, topics json, ids json, up_to bigint, mark text, until bigint,
    at bigint);
  heard := array(select * from json_array_elements_text(p.topics));
  told := '{}';
  if p.up_to is not null then
    select * into done from tidings_read_up_to(p.user_id, p.up_to, p.at, head);
    outcome := '{"status":"unchanged"}';
    if cardinality(done.told) = 0 then return; end if;
    head := done.head;
    told := done.told;
    outcome := json_build_object('status', 'stored', 'id', 'receipts:' || p.user_id, 'rev', head);
    return;
  end if;
  select * into done from tidings_mark_each(p.user_id, heard, p.ids, p.mark, p.until, p.at, head + 1);
  if cardinality(done.items) > 0 then
    head := head + 1;
    told := array[tidings_told(p.user_id, head, head, p.at, done.items)];
    outcome := json_build_object('status', 'stored', 'id', 'receipts:' || p.user_id, 'rev', head,
      'marked', cardinality(done.items), 'missing', nullif(done.missing, '{}'));
  else
    outcome := json_build_object('status', 'unchanged', 'missing', nullif(done.missing, '{}'));
  end if;
  outcome := json_strip_nulls(outcome);
end $$;

create or replace function tidings_told(who text, at_rev bigint, head bigint, moment bigint, items json[])
returns json language sql stable as $$
  select json_build_object('receipts', json_build_object('rev', at_rev, 'as_of', head, 'user_id', who, 'at', moment,
    'items', items, 'counts', tidings_counts(who), 'user',
    (select row_to_json(x) from (select u.read_upto, u.read_upto_at from users u where u.user_id = who) x)))
$$;

create or replace function tidings_read_up_to(who text, up_to bigint, moment bigint, inout head bigint,
  out told json[]) language plpgsql as $$
declare
  before bigint := coalesce((select u.read_upto from users u where u.user_id = who), 0);
  bounded bigint := least(up_to, head);
  first bigint := head + 1;
  changed bigint;
begin
  told := '{}';
  -- What was marked as unread is read with the rest, wherever the watermark was already.
  loop
    ${statement('unmark', 'head + 1', 'who', 'who', 'bounded', receiptsAtOnce)};
    get diagnostics changed = row_count;
    if changed > 0 then head := head + 1; end if;
    exit when changed < ${receiptsAtOnce};
  end loop;
  if head < first and bounded <= before then return; end if;
  head := greatest(head, first);
  ${statement('setReadUpto', 'who', 'greatest(before, bounded)', 'moment', 'first')};
  perform tidings_count_anew(who);
  told := array(select tidings_told(who, n, head, moment, array(
    select json_build_object('id', c.record_id, 'alert_rev', c.alert_rev, 'seen_at', c.seen_at, 'read_at', c.read_at,
      'archived_at', c.archived_at, 'snoozed_until', c.snoozed_until, 'read_rev', c.read_rev, 'asked_rev', c.asked_rev,
      'marked_unread', c.marked_unread, 'body', null)
    from (${statement('receiptsAfter', 'who', 'n - 1', receiptsAtOnce)}) c where c.rev = n))
    from generate_series(first, head) n);
end $$;

create or replace function tidings_mark_each(who text, heard text[], ids json, mark text, until bigint, moment bigint,
  new_rev bigint, out items json[], out missing text[]) language plpgsql as $$
declare
  named text;
  item json;
begin
  items := '{}';
  missing := '{}';
  for named in select x.id from json_array_elements_text(ids) with ordinality x (id, n) group by 1 order by min(x.n) loop
    select m.item into item from tidings_mark(who, heard, named, mark, until, moment, new_rev) m;
    if not found then
      missing := missing || named;
      -- One that is not the user's any more never comes back.
      if mark = 'return' then
        update receipts c set snoozed_until = null where c.user_id = who and c.record_id = named;
      end if;
    elsif item is not null then
      items := items || item;
    end if;
  end loop;
end $$;
`;

/** One notification of a receipt: no row where it is in none of the topics, a null where the mark changes nothing. */
export const mark = `
create or replace function tidings_mark(who text, heard text[], named text, mark text, until bigint, moment bigint,
  new_rev bigint) returns table (item json) language plpgsql as $$
declare
  f record;
  after receipts;
  was_unread boolean;
  was_read boolean;
  is_unread boolean;
begin
  select * into f from tidings_find(who, heard, named);
  if f.id is null then return; end if;
  select ${isUnread('f.alert_rev', 'f.expired')}, not ${isNotRead('f.alert_rev')}, c.seen_at, c.read_at,
      coalesce(c.read_rev, 0), c.archived_at, c.snoozed_until, coalesce(c.alert_rev, 0), coalesce(c.marked_unread, 0)
    into was_unread, was_read, after.seen_at, after.read_at, after.read_rev, after.archived_at, after.snoozed_until,
      after.alert_rev, after.marked_unread
    from (select) one ${person('who', 'f.id')};
  -- The same as marked() in marking.ts.
  if not coalesce(case mark
    when 'seen' then after.seen_at is null
    when 'read' then not was_read
    when 'unread' then was_read
    when 'archive' then after.archived_at is null
    when 'unarchive' then after.archived_at is not null
    when 'snooze' then after.snoozed_until is distinct from until
    when 'unsnooze' then after.snoozed_until is not null
    when 'return' then after.snoozed_until <= moment
  end, false) then
    return next;
    return;
  end if;
  case mark
    when 'seen' then after.seen_at := moment;
    when 'read' then
      after.seen_at := coalesce(after.seen_at, moment);
      after.read_at := moment;
      after.read_rev := greatest(f.alert_rev, after.alert_rev);
      after.marked_unread := 0;
    when 'unread' then
      after.read_at := null;
      after.read_rev := 0;
      after.marked_unread := 1;
    when 'archive' then
      after.archived_at := moment;
      after.snoozed_until := null;
    when 'unarchive' then after.archived_at := null;
    when 'snooze' then
      after.archived_at := null;
      after.snoozed_until := until;
    when 'unsnooze' then after.snoozed_until := null;
    when 'return' then
      after.snoozed_until := null;
      after.alert_rev := new_rev;
      after.marked_unread := 0;
  end case;
  ${statement(
    'setReceipt',
    ...['who', 'f.id', 'new_rev', 'after.seen_at', 'after.read_at', 'after.archived_at', 'after.snoozed_until'],
    ...['after.read_rev', 'after.alert_rev', 'after.marked_unread'],
  )};
  if not ${isShared('f.topic')} then
    select ${isUnread('f.alert_rev', 'f.expired')} into is_unread from (select) one ${person('who', 'f.id')};
    ${addToCounts(`
      select who, f.category, is_unread::int - was_unread::int where is_unread <> was_unread`)};
  end if;
  select json_build_object('id', f.id, 'alert_rev', f.alert_rev, 'expired', f.expired, 'seen_at', after.seen_at,
    'read_at', after.read_at, 'archived_at', after.archived_at, 'snoozed_until', after.snoozed_until,
    'read_rev', after.read_rev, 'asked_rev', after.alert_rev, 'marked_unread', after.marked_unread,
    'record_rev', f.rev, 'body', case when mark = 'return' then (select r.body from records r where r.rev = f.rev) end) into item;
  return next;
end $$;

create or replace function tidings_find(who text, heard text[], named text, out id text, out rev bigint,
  out topic text, out alert_rev bigint, out expired smallint, out category text) language plpgsql as $$
begin
  -- Each record with each topic first, so that only single rows are looked for among who hears what.
  with pairs as materialized (
    select r.id, r.rev, h.topic, h.n, false as by_application from records r, unnest(heard) with ordinality h (topic, n)
      where r.id = named
    union all
    select r.id, r.rev, h.topic, h.n, true from records r, unnest(heard) with ordinality h (topic, n)
      where r.external_id = named)
  select p.id, p.rev, t.topic, t.alert_rev, t.expired, t.category into id, rev, topic, alert_rev, expired, category
    from pairs p join record_topics t on t.topic = p.topic and t.rev = p.rev
    where t.alert_rev > ${since('p.topic')} order by p.by_application, p.n, p.rev desc limit 1;
end $$;
`;
