import { ask } from './api.js';
import { byId, h } from './dom.js';
import { formatCount, formatTime } from './format.js';

/**
 * @typedef {{ id: string, name: string }} Named
 * @typedef {{ id: string, name: string, summary: string, budget: number, room: string, owner: Named, advisors: Named[],
 *   may_approve: boolean, may_reopen: boolean }} Project
 * @typedef {{ id: string, name: string, colleagues: Named[] }} Me
 * @typedef {import('@tidings/client/room').Room} Room
 * @typedef {import('@tidings/client/room').RoomSnapshot} RoomSnapshot
 */

/** Milliseconds without a key after which nobody is said to write any more. */
const writingMs = 3_000;

/**
 * The projects of this person, and the page of one: who is there, what happens, comments, and its approval.
 *
 * @param {Me} me
 */
export async function showProjects(me) {
  /** @type {Project[]} */
  const projects = (await ask('/projects')).items;
  const list = byId('project-list');
  const place = byId('project');
  const links = new Map(
    projects.map((project) => [
      project.id,
      h(
        'a',
        { class: 'project-link', href: `#projects/${project.id}` },
        h('strong', {}, project.name),
        h(
          'small',
          {},
          `${project.owner.id === me.id ? 'Yours' : project.owner.name} · ${formatCount(project.budget)} USD`,
        ),
      ),
    ]),
  );
  list.append(...[...links.values()].map((link) => h('li', {}, link)));
  if (projects.length === 0) place.append(h('p', { class: 'card quiet' }, 'No project of yours.'));
  /** @type {(() => void) | null} */
  let leave = null;
  let shown = '';
  return {
    /** @param {string | null} id null where another view is shown: its room is left */
    async reveal(id) {
      const project = id === null ? null : (projects.find((one) => one.id === id) ?? projects[0]);
      if (project?.id === shown) return;
      shown = project?.id ?? '';
      leave?.();
      leave = null;
      place.replaceChildren();
      for (const [key, link] of links) link.toggleAttribute('aria-current', key === shown);
      if (!project) return;
      const room = await window.taskNotifications.room(project.room);
      if (shown !== project.id) return room.close();
      leave = () => room.close();
      place.replaceChildren(...projectPage(me, project, room));
    },
  };
}

/**
 * @param {Me} me
 * @param {Project} project
 * @param {Room} room
 */
function projectPage(me, project, room) {
  const people = [me, ...me.colleagues];
  /** @param {string} id */
  const nameOf = (id) => people.find((person) => person.id === id)?.name ?? id;
  const strings = { person: nameOf, events: { comment_added: 'commented' } };
  const presence = h('tidings-presence', { room: project.room, strings });
  const activity = h('tidings-activity', { room: project.room, strings });
  activity.describe = ({ event, data }) => {
    const by = nameOf(String(data.by ?? ''));
    if (event === 'project_approved') return `${by} approved the project`;
    if (event === 'project_reopened') return `${by} opened the project again`;
    return undefined;
  };
  const approval = approvalOf(project, room, nameOf);
  return [
    h(
      'article',
      { class: 'card project', 'aria-labelledby': 'project-name' },
      h('div', { class: 'line' }, h('h2', { id: 'project-name' }, project.name), presence),
      h('p', { class: 'quiet' }, project.summary),
      h(
        'dl',
        { class: 'facts' },
        ...fact('Budget', `${formatCount(project.budget)} USD a year`),
        ...fact('Owner', project.owner.name),
        ...fact('Advisors', project.advisors.map(({ name }) => name).join(', ')),
      ),
      approval,
    ),
    h(
      'section',
      { class: 'card', 'aria-labelledby': 'project-activity' },
      h('h2', { id: 'project-activity' }, 'Activity'),
      commentForm(me, project, room, nameOf),
      activity,
    ),
  ];
}

/** @param {string} term @param {string} text */
const fact = (term, text) => [h('dt', {}, term), h('dd', {}, text)];

/**
 * @param {Project} project
 * @param {Room} room
 * @param {(id: string) => string} nameOf
 */
function approvalOf(project, room, nameOf) {
  const status = h('p', { class: 'status', role: 'status' });
  const problem = h('p', { class: 'notice', role: 'alert', hidden: true });
  /** @param {string} label @param {string} action @param {string} look */
  const button = (label, action, look) =>
    h('button', {
      ...{ type: 'button', class: look, textContent: label, hidden: true },
      onclick: () => {
        problem.hidden = true;
        ask(`/projects/${project.id}/${action}`, { method: 'POST' }).catch((error) => {
          problem.textContent = error.message;
          problem.hidden = false;
        });
      },
    });
  const approve = button('Approve project', 'approve', 'primary');
  const reopen = button('Open again', 'reopen', 'quiet-button');
  const show = () => {
    const { state, status: roomStatus } = room.getSnapshot();
    const approval = /** @type {{ by: string, at: string } | undefined} */ (state.get('approval')?.value);
    status.textContent = approval
      ? `Approved by ${nameOf(approval.by)}, ${formatTime(approval.at)}`
      : roomStatus === 'waiting'
        ? ''
        : 'Waits for an advisor’s approval';
    status.classList.toggle('approved', !!approval);
    approve.hidden = !project.may_approve || !!approval || roomStatus === 'waiting';
    reopen.hidden = !project.may_reopen || !approval;
  };
  room.onChange(show);
  show();
  return h('div', { class: 'approve' }, status, approve, reopen, problem);
}

/**
 * @param {Me} me
 * @param {Project} project
 * @param {Room} room
 * @param {(id: string) => string} nameOf
 */
function commentForm(me, project, room, nameOf) {
  const team = [project.owner, ...project.advisors].map(({ id }) => id);
  const text = h('input', {
    ...{
      id: 'comment',
      maxLength: 2_000,
      autocomplete: 'off',
      placeholder: `Comment, or mention @${team.find((id) => id !== me.id)}`,
    },
  });
  const writers = h('p', { class: 'quiet small writers', role: 'status' });
  const problem = h('p', { class: 'notice', role: 'alert', hidden: true });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  let isWriting = false;
  /** @param {boolean} now */
  const write = (now) => {
    clearTimeout(pause);
    if (now) pause = setTimeout(() => write(false), writingMs);
    if (now !== isWriting) room.setPresence({ writing: now });
    isWriting = now;
  };
  text.addEventListener('input', () => write(text.value !== ''));
  room.onChange(() => {
    const writing = room
      .getSnapshot()
      .members.filter(
        ({ user_id, sessions }) => user_id !== me.id && Object.values(sessions).some((one) => one.writing),
      );
    const names = writing.map(({ user_id }) => nameOf(user_id));
    writers.textContent =
      names.length > 1 ? `${names.length} people are writing…` : names[0] ? `${names[0]} is writing…` : '';
  });
  const form = h(
    'form',
    { class: 'comment' },
    h('label', { class: 'spoken', for: 'comment' }, 'Comment'),
    h('div', { class: 'line' }, text, h('button', { type: 'submit', class: 'secondary' }, 'Send')),
    writers,
    problem,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const said = text.value.trim();
    if (!said) return;
    const mentions = [...said.matchAll(/@([a-z]+)/g)].map(([, id = '']) => id).filter((id) => team.includes(id));
    text.value = '';
    problem.hidden = true;
    write(false);
    room.send('comment_added', { text: said }, { mentions: [...new Set(mentions)] }).catch((error) => {
      text.value ||= said;
      problem.textContent = `Not sent: ${error.message}`;
      problem.hidden = false;
    });
  });
  return form;
}
