import createClient from 'openapi-fetch';
import type { paths } from './generated.ts';

const { TIDINGS_URL: baseUrl = '', TIDINGS_API_KEY, TIDINGS_TOKEN, TIDINGS_NAME } = process.env;
const backEnd = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${TIDINGS_API_KEY}` } });
const user = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${TIDINGS_TOKEN}` } });

const one = await backEnd.POST('/api/v1/notifications', {
  body: { to: { user: '42' }, title: `one by ${TIDINGS_NAME}`, data: { amount: 12.5 } },
  params: { header: { 'Idempotency-Key': `one by ${TIDINGS_NAME}` } },
});
const all = await backEnd.POST('/api/v1/notifications/batch', {
  body: [{ to: { everyone: true }, type: 'user_notification', title: `all by ${TIDINGS_NAME}` }],
});
const revs: (number | undefined)[] = [one.data?.rev, all.data?.results[0]?.rev];
const inbox = await user.GET('/api/v1/inbox', { params: { query: { limit: 2 } } });
const shown = inbox.data?.items.map(({ rev }) => rev);
const missing = await backEnd.GET('/api/v1/notifications/{id}', { params: { path: { id: 'none' } } });
const code: string | undefined = missing.error?.code;
console.log(JSON.stringify({ revs, shown, code }));
