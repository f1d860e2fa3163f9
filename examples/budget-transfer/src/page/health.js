import { ask } from './api.js';
import { byId, h } from './dom.js';

/** The health of the server, and a way to make it worse: the incident that follows is a real one. */
export function showHealth() {
  const board = h('tidings-health', { hours: 0.25 });
  const note = h('p', { class: 'quiet small', role: 'status' });
  const button = h('button', { class: 'secondary' }, 'Keep the server busy');
  button.addEventListener('click', async () => {
    button.disabled = true;
    note.textContent = 'The server computes for most of each second now. Everybody waits, this page too.';
    try {
      await ask('/busy', { method: 'POST' });
      note.textContent = 'That is over. Five good seconds in a row end the incident.';
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error);
    }
    button.disabled = false;
  });
  const trial = h(
    'section',
    { class: 'card', 'aria-labelledby': 'trial' },
    h('div', { class: 'line' }, h('h2', { id: 'trial' }, 'Make an incident'), button),
    h('p', { class: 'quiet small' }, 'Blocks the process for 0.8 s of each second, ten times.'),
    note,
  );
  return {
    /** @param {boolean} isShown health is read only while it is looked at */
    reveal(isShown) {
      byId('health').replaceChildren(...(isShown ? [board, trial] : []));
    },
  };
}
