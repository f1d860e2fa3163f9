import { addToCounts, isShared, statement } from './expressions.ts';

/** A user's unread counts, as the same statements have them that readers use. */
export const counts = `
create or replace function tidings_counts(who text, heard text[]) returns json language sql stable as $$
  select coalesce(json_agg(x), '[]') from (
    ${statement('ownCounts', 'who')}
    union all
    select b.category, b.n from unnest(heard) h (topic),
      lateral (${statement('unreadAbove', 'who', 'who', 'h.topic', 'who', 'who', 'who', 'h.topic', 'null')}) b
      where ${isShared('h.topic')}
    union all
    select b.category, b.n from unnest(heard) h (topic),
      lateral (${statement('unreadBelow', 'h.topic', 'who', 'who', 'who', 'h.topic', 'null')}) b
      where ${isShared('h.topic')}) x
$$;

create or replace function tidings_count_anew(who text) returns void language plpgsql as $$
declare
  own text := 'user:' || who;
begin
  ${statement('clearCounts', 'who')};
  ${addToCounts(`select who, x.category, sum(x.n) from (
    ${statement('unreadAbove', 'who', 'who', 'own', 'who', 'who', 'who', 'own', '0')}
    union all
    ${statement('unreadBelow', 'own', 'who', 'who', 'who', 'own', '0')}) x group by x.category`)};
end $$;
`;
