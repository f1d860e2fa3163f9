/** The texts of rooms, in English. */
export const roomEnglish = {
  here: 'Here now',
  hereCount: (count: number) => (count === 0 ? 'Nobody is here' : `${count} here`),
  morePeople: (count: number) => `and ${count} more`,
  activity: 'Activity',
  noActivity: 'Nothing has happened here yet.',
  roomRefused: 'You have no access here.',
  showEarlier: 'Show earlier',
  /** The texts of events, by their names, behind the name of who sent them, such as `commented`. Others are made of the name. */
  events: {} as Record<string, string>,
};
