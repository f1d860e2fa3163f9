import type { Session } from './session.ts';

/** The first frame of a session, but for its cursor. @param begun what the session begins with */
export const greetingOf = (session: Session, begun: object, now: number): object => {
  const { id, username, roles } = session.identity;
  return {
    ...{ type: 'connection_established', user_id: id, username, session_id: session.id, roles },
    ...{ ...begun, server_time: new Date(now).toISOString() },
  };
};
