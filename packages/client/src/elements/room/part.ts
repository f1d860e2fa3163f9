import { activityStyles } from './activity.css.ts';
import { ActivityList } from './activity.ts';
import { avatarStyles } from './avatar.css.ts';
import { presenceStyles } from './presence.css.ts';
import { PresenceList } from './presence.ts';

export { room } from '../../room.ts';
export const presence = { Part: PresenceList, styles: [avatarStyles, presenceStyles] };
export const activity = { Part: ActivityList, styles: [avatarStyles, activityStyles] };
