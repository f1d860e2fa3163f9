/**
 * Says what shared topics a user hears. Topics lost and gained are changes, each at a rev of its own; `told` is what
 * their frames are made of, null where nothing changed.
 */
export const rights = `
create or replace function tidings_rights(w json, inout head bigint, out outcome json, out told json)
language plpgsql as $$
declare
  p record;
  a record;
  heard text[];
  changes json[] := '{}';
begin
  outcome := '{"status":"unchanged"}';
  select * into p from json_to_record(w) x (user_id text, roles text, topics json, issued_at bigint, since bigint,
    at bigint);
  if exists (select from users u where u.user_id = p.user_id and u.roles_at > p.issued_at) then return; end if;
  insert into users (user_id, roles, roles_at) values (p.user_id, p.roles, p.issued_at)
    on conflict (user_id) do update set roles = excluded.roles, roles_at = excluded.roles_at;
  heard := array(select x.topic from json_array_elements_text(p.topics) with ordinality x (topic, n)
    group by 1 order by min(x.n));
  for a in select * from audiences x where x.user_id = p.user_id and x.left_rev is null and x.topic <> all (heard) loop
    head := head + 1;
    update audiences x set rev = head, left_rev = head, left_at = p.at where x.user_id = a.user_id and x.topic = a.topic;
    changes := changes || json_build_object('user_id', p.user_id, 'topic', a.topic, 'rev', head, 'left_rev', head);
  end loop;
  for a in select h.topic, x.since, x.left_at from unnest(heard) with ordinality h (topic, n)
      left join audiences x on x.user_id = p.user_id and x.topic = h.topic
      where x.topic is null or x.left_rev is not null order by h.n loop
    head := head + 1;
    insert into audiences (user_id, topic, rev, since) values (p.user_id, a.topic, head,
      -- Who was away for less than the look-back sees what was seen before too.
      case when a.left_at >= p.since then a.since
        else coalesce((select m.rev from marks m where m.at <= p.since order by m.at desc limit 1), 0) end)
      on conflict (user_id, topic) do update
        set rev = excluded.rev, since = excluded.since, left_rev = null, left_at = null;
    changes := changes || json_build_object('user_id', p.user_id, 'topic', a.topic, 'rev', head, 'left_rev', null);
  end loop;
  if cardinality(changes) = 0 then return; end if;
  told := json_build_object('rev', head, 'at', p.at, 'changes', changes, 'counts', tidings_counts(p.user_id));
  outcome := json_build_object('status', 'stored', 'id', 'audience:' || p.user_id, 'rev', head);
end $$;
`;
