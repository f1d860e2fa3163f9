import type { Tidings } from '@tidings/server';
import { examples } from './examples.ts';
import { Refusal, type Route, readJson, sendJson } from './http.ts';
import { mayAnnounce, mayApprove, maySeeHealth, people } from './people.ts';
import { behaviours, isBehaviour, type SimulatorSwitch } from './simulator-switch.ts';

/** The ERP that transfers go to: null for `simulator` if it is a real one. */
export interface ErpPlace {
  readonly host: string;
  readonly simulator: SimulatorSwitch | null;
}

/** Routes for the page's own facts and for the simulator's switch. */
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
          may_approve: mayApprove(person),
          may_see_health: maySeeHealth(person),
          colleagues: people.filter(({ id }) => id !== person.id).map(({ id, name, title }) => ({ id, name, title })),
          examples: examples.map(({ fileName: file_name, ...rest }) => ({ file_name, ...rest })),
          erp: { host: erp.host, is_simulated: erp.simulator !== null, behaviour },
        });
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
