import { type Tidings, TidingsError } from '@tidings/server';
import { Refusal, type Route, sendJson } from './http.ts';
import { type Person, personOf } from './people.ts';
import { isInProject, type Project, projectOf, projects, roomOf } from './projects.ts';

/** Routes of projects. What happens to one is said in its room, and its approval to its owner as well. */
export function projectRoutes(tidings: Tidings): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/projects$/,
      answer({ response, person }) {
        const own = projects.filter((project) => isInProject(project, person.id));
        sendJson(response, 200, { items: own.map((project) => shown(project, person)) });
      },
    },
    {
      method: 'POST',
      path: /^\/projects\/(\w+)\/approve$/,
      async answer({ response, person, params: [id = ''] }) {
        const project = projectFor(id, person);
        if (!project.advisors.includes(person.id)) throw new Refusal(403, 'An advisor of the project approves it.');
        await approve(tidings, project, person);
        sendJson(response, 200, {});
      },
    },
    {
      method: 'POST',
      path: /^\/projects\/(\w+)\/reopen$/,
      async answer({ response, person, params: [id = ''] }) {
        const project = projectFor(id, person);
        if (project.owner !== person.id) throw new Refusal(403, 'The owner of the project opens it again.');
        const { removed } = await tidings.rooms.removeState(roomOf(project), 'approval');
        if (removed) await tidings.rooms.send(roomOf(project), 'project_reopened', { by: person.id });
        sendJson(response, 200, {});
      },
    },
  ];
}

/** The first advisor counts: the state of the room has no approval then. Whoever repeats it changes nothing, and finishes what was cut off. */
async function approve(tidings: Tidings, project: Project, person: Person): Promise<void> {
  const room = roomOf(project);
  const approval = { by: person.id, at: new Date().toISOString() };
  try {
    await tidings.rooms.setState(room, 'approval', approval, { ifRev: 0 });
  } catch (error) {
    if (!(error instanceof TidingsError) || error.code !== 'conflict') throw error;
  }
  const held = (await tidings.rooms.state(room)).find(({ key }) => key === 'approval');
  const by = (held?.value as { by?: string } | undefined)?.by;
  if (!held || by !== person.id) {
    throw new Refusal(409, `${personOf(by ?? '')?.name ?? 'Somebody'} was quicker: it is approved already.`);
  }
  const idempotencyKey = `approved ${room} ${held.rev}`;
  await tidings.rooms.send(room, 'project_approved', { by }, { idempotencyKey });
  await tidings.notify({
    ...{ to: { user: project.owner }, notification_type: 'success', category: 'projects' },
    ...{ title: 'New Project Approved', message: `${person.name} approved “${project.name}”.` },
    ...{ data: { url: `#projects/${project.id}` }, idempotency_key: idempotencyKey },
  });
}

/** Throws Refusal 404, also for who is not in the project. */
function projectFor(id: string, person: Person): Project {
  const project = projectOf(id);
  if (project && isInProject(project, person.id)) return project;
  throw new Refusal(404, `There is no project ${id}, or it is not yours.`);
}

function shown({ advisors, owner, ...project }: Project, person: Person) {
  const named = (id: string) => ({ id, name: personOf(id)?.name ?? id });
  return {
    ...{ ...project, room: `project:${project.id}`, owner: named(owner), advisors: advisors.map(named) },
    ...{ may_approve: advisors.includes(person.id), may_reopen: owner === person.id },
  };
}
