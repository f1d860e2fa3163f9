import { ofTransaction, settingsMark, settingsQuery } from '../settings.ts';

/**
 * Makes the settings of a transaction that writes, where the session has not got them: behind a pooler, whose connections other applications
 * use as well, what is set has to end with the transaction.
 */
export const applySettings = `
create or replace function tidings_apply_settings() returns void language plpgsql as $$
begin
  if current_setting('${settingsMark}', true) = 'on' then return; end if;
  perform ${settingsQuery(ofTransaction, true)};
end $$;
`;
