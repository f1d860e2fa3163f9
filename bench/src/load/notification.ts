import type { Load, PublishTarget } from './messages.ts';

/** The notification that is sent, the same to every server. */
const words = {
  notification_type: 'success',
  title: 'Budget transfer approved',
  message: 'Transfer 4711 of 250,000.00 from 101-2200 to 101-3100 was approved by Amal and sent to Oracle',
} as const;

/** The recipient of the notification with this number. */
export const userOf = (number: number, sockets: number): string => String(number % sockets);

export const notification = (number: number, at: number) => ({ ...words, data: { n: number, at } });

const stored = (number: number, at: number) => ({
  ...{ type: 'user_notification', id: `n${number}`, timestamp: new Date().toISOString() },
  ...notification(number, at),
});

/** The body of the request that publishes it, in the form of the server it goes to. */
export function publishBody(
  form: PublishTarget['form'],
  load: Load,
  number: number,
  at: number,
  sockets: number,
): string {
  const user = load.audience === 'user' ? userOf(number, sockets) : null;
  switch (form) {
    case 'tidings':
      return JSON.stringify({ to: user === null ? { everyone: true } : { user }, ...notification(number, at) });
    case 'socket.io':
      return JSON.stringify({ room: user === null ? 'everyone' : `user:${user}`, data: stored(number, at) });
    case 'centrifugo':
      return JSON.stringify({ channel: user === null ? 'everyone' : `user_${user}`, data: stored(number, at) });
  }
}
