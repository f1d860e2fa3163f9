import { Configuration, InboxApi, NotificationsApi, ResponseError } from './generated/index.ts';

const { TIDINGS_URL: basePath, TIDINGS_API_KEY, TIDINGS_TOKEN, TIDINGS_NAME } = process.env;
const backEnd = new NotificationsApi(new Configuration({ basePath, accessToken: TIDINGS_API_KEY }));
const user = new InboxApi(new Configuration({ basePath, accessToken: TIDINGS_TOKEN }));

const one = await backEnd.sendNotification({
  notifyInput: { to: { user: '42' }, title: `one by ${TIDINGS_NAME}`, data: { amount: 12.5 } },
  idempotencyKey: `one by ${TIDINGS_NAME}`,
});
const all = await backEnd.sendNotification({
  notifyInput: { to: { everyone: true }, type: 'user_notification', title: `all by ${TIDINGS_NAME}` },
});
const { items } = await user.listInbox({ limit: 2 });
const shown = items.map(({ rev }) => rev);
const code = await backEnd.readNotification({ id: 'none' }).then(
  () => 'none',
  async (error: unknown) => (error instanceof ResponseError ? (await error.response.json()).code : String(error)),
);
console.log(JSON.stringify({ revs: [one.rev, all.rev], shown, code }));
