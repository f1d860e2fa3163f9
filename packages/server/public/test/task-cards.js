import { byId, make } from './dom.js';

/** Shows the tasks that are followed by their id, and those of this user, each as `<tidings-task>` does. */
export class TaskCards {
  /** @type {Map<string, HTMLElement>} */
  #cards = new Map();
  /** Cards that were taken away; they come back on request. @type {Set<string>} */
  #dismissed = new Set();

  /** @param {import('./connection.js').Client} client */
  constructor(client) {
    byId('follow').addEventListener('submit', (event) => {
      event.preventDefault();
      const form = /** @type {HTMLFormElement} */ (event.currentTarget);
      const id = String(new FormData(form).get('task')).trim();
      if (id) this.show(id);
      form.reset();
    });
    client.tasks.onChange(() => {
      for (const id of client.tasks.getSnapshot().keys()) if (!this.#dismissed.has(id)) this.#add(id);
    });
  }

  /** @param {string} id */
  show(id) {
    this.#dismissed.delete(id);
    this.#add(id);
  }

  /** @param {string} id */
  #add(id) {
    if (this.#cards.has(id)) return;
    const close = make('button', { type: 'button', title: `Take ${id} away` }, '✕');
    close.setAttribute('aria-label', close.title);
    close.addEventListener('click', () => this.#remove(id));
    const task = document.createElement('tidings-task');
    task.setAttribute('task-id', id);
    const card = make('div', { className: 'task' }, make('div', {}, id, close), task);
    this.#cards.set(id, card);
    byId('tasks').prepend(card);
  }

  /** @param {string} id */
  #remove(id) {
    this.#dismissed.add(id);
    this.#cards.get(id)?.remove();
    this.#cards.delete(id);
  }
}
