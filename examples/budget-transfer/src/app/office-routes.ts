import type { Tidings } from '@tidings/server';
import { examples } from './examples.ts';
import { Refusal, type Route, readJson, sendJson } from './http.ts';
import { mayAnnounce } from './people.ts';
import { behaviours, isBehaviour, type SimulatorSwitch } from './simulator-switch.ts';

/** The ERP that transfers go to: null for `simulator` where it is a real one. */
export interface ErpPlace {
  readonly host: string;
  readonly simulator: SimulatorSwitch | null;
}

/** What the page asks about itself, announcements, and the switch of the simulator. */
export function officeRoutes(tidings: Tidings, erp: ErpPlace): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/me$/,
      async answer({ response, person }) {
        const behaviour = (await erp.simulator?.current()) ?? null;
        sendJson(response, 200, {
          ...person,
          may_announce: mayAnnounce(person),
          examples: examples.map(({ fileName: file_name, ...rest }) => ({ file_name, ...rest })),
          erp: { host: erp.host, is_simulated: erp.simulator !== null, behaviour },
        });
      },
    },
    {
      method: 'POST',
      path: /^\/announcements$/,
      async answer({ request, response, person }) {
        if (!mayAnnounce(person)) throw new Refusal(403, 'Only controllers announce things to others.');
        const { message, role } = await readJson(request);
        if (typeof message !== 'string' || message.trim() === '' || message.length > 300) {
          throw new Refusal(400, 'Expected a message of 1 to 300 characters.');
        }
        const news = { title: `${person.name}, ${person.title}`, message: message.trim() };
        const stored =
          role === 'approver'
            ? await tidings.sendNotificationToRole('approver', news)
            : await tidings.sendNotificationToAll(news);
        if (!stored) throw new Refusal(503, tidings.lastError()?.message ?? 'The announcement was not stored.');
        sendJson(response, 201, {});
      },
    },
    {
      method: 'PUT',
      path: /^\/simulator$/,
      async answer({ request, response }) {
        const { behaviour } = await readJson(request);
        if (!erp.simulator) throw new Refusal(409, `Transfers go to ${erp.host}, which is no simulator.`);
        if (!isBehaviour(behaviour)) {
          throw new Refusal(400, `Expected behaviour as one of ${Object.keys(behaviours).join(', ')}.`);
        }
        await erp.simulator.set(behaviour);
        // An event of the application's own: all pages that are open show the new setting.
        await tidings.notify({ to: { connected: true }, type: 'simulator_changed', data: { behaviour }, silent: true });
        sendJson(response, 200, { behaviour });
      },
    },
  ];
}
