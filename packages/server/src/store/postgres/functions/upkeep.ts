import { statement } from './apply.ts';

/** Writes beside commits. They lock the sequence's row first, as commits do, so that neither can deadlock the other. */
export const upkeep = `
create or replace procedure tidings_delivered(inout io json) language plpgsql as $$
begin
  perform tidings_apply_settings();
  set local synchronous_commit = off;
  perform from sequence s where s.id = 1 for update;
  update users u set delivered_upto = m.rev from (
    select x->>0 as user_id, max((x->>1)::bigint) as rev from json_array_elements(io) x group by 1) m
    where u.user_id = m.user_id and u.delivered_upto < m.rev;
  io := null;
  commit;
end $$;

create or replace procedure tidings_forget_retractions(inout io json) language plpgsql as $$
declare
  r record;
  forgotten bigint := 0;
  newest bigint := 0;
begin
  perform tidings_apply_settings();
  perform from sequence s where s.id = 1 for update;
  for r in ${statement('oldRetractions', { before: "(io->>'before')::bigint", limit: "(io->>'limit')::bigint" })} loop
    delete from record_topics t using json_array_elements_text(r.topics::json) x (topic)
      where t.topic = x.topic and t.rev = r.rev;
    delete from records x where x.rev = r.rev;
    ${statement('forgetReceipts', { recordId: 'r.id' })};
    forgotten := forgotten + 1;
    newest := greatest(newest, r.rev);
  end loop;
  ${statement('raiseFloor', { floor: 'newest' })};
  io := to_json(forgotten);
  commit;
end $$;
`;
