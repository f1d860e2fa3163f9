import type { ComponentName } from '@tidings/protocol';

/** The texts of the system's health, in English. */
export const healthEnglish = {
  health: 'System health',
  healthWaiting: 'Asking how the system is…',
  healthRefused: 'The system’s health is shown to administrators only.',
  healthSignedOut: 'Sign in to see the system’s health.',
  healthUnreachable: 'The system’s health cannot be read now.',
  healthLost: (time: string) => `Connection lost. What you see is of ${time}.`,
  healthAsOf: (time: string) => `As of ${time}`,
  allWorks: 'Everything works',
  worksPartly: 'Some parts work less well than they should',
  partsDown: 'Some parts are down',
  allDown: 'The system is down',
  ok: 'Works',
  degraded: 'Degraded',
  down: 'Down',
  /** The names of components. */
  components: {
    ...{ store: 'Database', broker: 'Exchange between nodes', canary: 'Delivery', runner: 'Background tasks' },
    ...{ outbound: 'Callbacks', sessions: 'Connections', event_loop: 'Responsiveness', memory: 'Memory' },
    ...{ disk: 'Disk', clock: 'Clock' },
  } as Record<ComponentName, string>,
  nodes: (count: number) => (count === 1 ? '1 node' : `${count} nodes`),
  node: (place: number) => `Node ${place}`,
  /** A node whose process has ended. */
  formerNode: 'an earlier process',
  ofNodes: (count: number, all: number) => `on ${count} of ${all} nodes`,
  /** The stretches of time that can be shown. */
  lastHours: (hours: number) => (hours === 1 ? 'Last hour' : `Last ${hours} hours`),
  lastMinutes: (minutes: number) => `Last ${minutes} minutes`,
  timeShown: 'Time shown',
  now: 'now',
  incidents: 'Incidents',
  noIncidents: 'No incidents in this time.',
  knownSince: (time: string) => `Known since ${time}.`,
  incidentCount: (count: number) => (count === 1 ? '1 incident' : `${count} incidents`),
  goesOn: 'Goes on',
  ended: 'Over',
  since: (time: string, duration: string) => `since ${time}, for ${duration}`,
  fromTo: (from: string, to: string, duration: string) => `${from} to ${to}, ${duration}`,
  /** An incident that the end of its process has ended. */
  untilRestart: (when: string) => `${when}, until its node was stopped or lost`,
  showAll: (count: number) => `Show all ${count}`,
};

export type HealthStrings = typeof healthEnglish;
