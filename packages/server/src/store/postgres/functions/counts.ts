import { addToCounts, statement } from './expressions.ts';

/** A user's unread counts, as the same statements have them that readers use. */
export const counts = `
create or replace function tidings_counts(who text) returns json language sql stable as $$
  select coalesce(json_agg(x), '[]') from (
    ${statement('ownCounts', 'who')}
    union all
    ${statement('sharedAbove', 'who', 'who', 'who', 'who', 'who')}
    union all
    ${statement('sharedBelow', 'who')}) x
$$;

create or replace function tidings_count_anew(who text) returns void language plpgsql as $$
declare
  own text := 'user:' || who;
begin
  ${statement('clearCounts', 'who')};
  ${addToCounts(`select who, x.category, sum(x.n) from (
    ${statement('ownAbove', 'who', 'who', 'own', 'who', 'who')}
    union all
    ${statement('ownBelow', 'own', 'who', 'who')}) x group by x.category`)};
end $$;
`;
