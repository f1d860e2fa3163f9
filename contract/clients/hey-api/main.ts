import { client } from './generated/client.gen.js';
import { listInbox, readNotification, sendNotification, sendNotificationBatch } from './generated/sdk.gen.js';

const { TIDINGS_URL: baseUrl = '', TIDINGS_API_KEY = '', TIDINGS_TOKEN = '', TIDINGS_NAME } = process.env;
const asked: string[] = [];
client.setConfig({ baseUrl });
client.interceptors.request.use((request) => {
  asked.push(request.url);
  return request;
});

const one = await sendNotification({
  auth: TIDINGS_API_KEY,
  body: { to: { user: '42' }, title: `one by ${TIDINGS_NAME}`, data: { amount: 12.5 } },
  headers: { 'Idempotency-Key': `one by ${TIDINGS_NAME}` },
});
const all = await sendNotificationBatch({
  auth: TIDINGS_API_KEY,
  body: [{ to: { everyone: true }, type: 'user_notification', title: `all by ${TIDINGS_NAME}` }],
});
const revs: (number | undefined)[] = [one.data?.rev, all.data?.results[0]?.rev];
const inbox = await listInbox({ auth: TIDINGS_TOKEN, query: { limit: 2 } });
const shown = inbox.data?.items.map(({ rev }) => rev);
const missing = await readNotification({ auth: TIDINGS_API_KEY, path: { id: 'none' } });
const code: string | undefined = missing.error?.code;
if (asked.some((url) => url.includes(TIDINGS_TOKEN))) throw new Error('the token was sent in a URL');
console.log(JSON.stringify({ revs, shown, code }));
