import { addToCounts, isUnread, person, statement } from './expressions.ts';

/**
 * Gives a name to a user, and what waited for the name, each record at a new rev: it asks for attention there anew, and
 * nowhere else. `moved` are the changes as the ports have them.
 */
export const bind = `
create or replace function tidings_bind(who text, name text, inout head bigint, out outcome json, out moved json[])
language plpgsql as $$
declare
  old_rev bigint;
begin
  moved := '{}';
  if exists (select from users u where u.user_id = who and u.username = name) then
    outcome := '{"status":"unchanged"}';
    return;
  end if;
  update users u set username = null where u.username = name;
  insert into users (user_id, username) values (who, name)
    on conflict (user_id) do update set username = excluded.username;
  for old_rev in ${statement('revsOfTopic', "'username:' || name")} loop
    head := head + 1;
    moved := moved || json_build_object('moved', tidings_move(old_rev, head, 'username:' || name, who));
  end loop;
  outcome := json_build_object('status', 'stored', 'id', who, 'rev', head);
end $$;

create or replace function tidings_move(old_rev bigint, new_rev bigint, waiting text, who text) returns json
language plpgsql as $$
declare
  r records;
  own text := 'user:' || who;
  heard text[];
  was_heard boolean;
begin
  select * into r from records x where x.rev = old_rev;
  heard := array(select * from json_array_elements_text(r.topics::json));
  was_heard := own = any (heard);
  delete from record_topics t where t.topic = waiting and t.rev = old_rev and was_heard;
  update record_topics t set rev = new_rev where t.topic = any (heard) and t.topic <> waiting and t.rev = old_rev;
  update record_topics t set topic = own, rev = new_rev, alert_rev = case when t.alert_rev > 0 then new_rev else 0 end
    where t.topic = waiting and t.rev = old_rev;
  heard := array(select x.topic from (
    select case when h.topic = waiting then own else h.topic end as topic, min(h.n) as n
    from unnest(heard) with ordinality h (topic, n) group by 1) x order by x.n);
  update records x set rev = new_rev, topics = to_json(heard)::text, alert_rev = coalesce((
    select max(t.alert_rev) from record_topics t where t.topic = any (heard) and t.rev = new_rev), 0) where x.rev = old_rev;
  if not was_heard then
    ${addToCounts(`
      select who, t.category, 1 from record_topics t ${person('who', 'r.id')}
      where t.topic = own and t.rev = new_rev and ${isUnread('t.alert_rev', 't.expired')}`)};
  end if;
  return json_build_object('rev', new_rev, 'id', r.id, 'kind', r.kind, 'topics', json_build_array(own), 'body', r.body,
    'audience', r.audience::json, 'recount', false,
    'alertRev', (select t.alert_rev from record_topics t where t.topic = own and t.rev = new_rev));
end $$;
`;
