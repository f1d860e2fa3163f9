import { ask } from './api.js';
import { byId, h } from './dom.js';
import { showPreview } from './preview.js';

/**
 * @typedef {{ file_name: string, title: string, about: string }} Example
 * @typedef {{ name: string, query: string, body: File | null, key: string }} Choice what to send, how it is asked for, and the
 *   key under which it is one transfer, however often it is sent
 */

const largest = 2 * 1024 * 1024;

/**
 * Lets a person choose a file, shows what is in it, and submits it.
 *
 * @param {Example[]} examples
 * @param {(taskId: string) => void} submitted
 */
export function showComposer(examples, submitted) {
  const preview = h('div', { class: 'preview', hidden: true });
  const problem = h('p', { class: 'notice error', role: 'alert', hidden: true });
  const answer = h('p', { class: 'answer quiet', role: 'status' });
  const submit = h('button', { class: 'primary', disabled: true }, 'Submit transfer');
  const input = h('input', { type: 'file', accept: '.csv,text/csv', class: 'spoken', id: 'file' });
  const drop = h(
    'label',
    { class: 'drop', for: 'file' },
    h('strong', {}, 'Drop a CSV here'),
    ' or choose a file',
    input,
  );
  const choices = h(
    'fieldset',
    { class: 'examples' },
    h('legend', { class: 'spoken' }, 'Files that come with the demo'),
  );
  for (const example of examples) choices.append(exampleOf(example, choose));
  byId('composer').append(choices, drop, problem, preview, h('div', { class: 'submit' }, submit, answer));

  /** @type {Choice | null} */
  let chosen = null;

  /** @param {string} text */
  function complain(text) {
    problem.textContent = text;
    problem.hidden = text === '';
  }

  /** @param {Choice} choice */
  async function choose(choice) {
    chosen = choice;
    complain('');
    answer.textContent = '';
    drop.classList.toggle('chosen', choice.body !== null);
    if (choice.body && choice.body.size > largest) return complain('Expected at most 2 MB; split the file.');
    try {
      const found = await ask(`/transfers/check?${choice.query}`, { method: 'POST', body: choice.body });
      if (chosen !== choice) return;
      showPreview(preview, choice.name, found);
      preview.hidden = false;
      submit.disabled = false;
      submit.textContent = found.problems.length > 0 ? 'Submit anyway' : 'Submit transfer';
      submit.className = found.problems.length > 0 ? 'secondary' : 'primary';
      if (found.problems.length > 0) answer.textContent = 'The job checks the file too, and will refuse it.';
      else if (found.needs_approval) answer.textContent = 'Moves more than 100,000 at once: an approver has to agree.';
    } catch (error) {
      if (chosen === choice) complain(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {File | undefined} file */
  function chooseFile(file) {
    if (!file) return;
    for (const radio of choices.querySelectorAll('input')) radio.checked = false;
    choose({ name: file.name, query: `name=${encodeURIComponent(file.name)}`, body: file, key: crypto.randomUUID() });
  }

  /** Drops the choice once it was accepted, so that the next press cannot send it again. */
  function clear() {
    chosen = null;
    for (const radio of choices.querySelectorAll('input')) radio.checked = false;
    drop.classList.remove('chosen');
    preview.hidden = true;
  }

  input.addEventListener('change', () => {
    chooseFile(input.files?.[0]);
    input.value = '';
  });
  acceptDrops(drop, chooseFile);

  submit.addEventListener('click', async () => {
    if (!chosen) return;
    const sent = chosen;
    complain('');
    submit.disabled = true;
    const start = performance.now();
    try {
      const query = `${sent.query}&key=${sent.key}`;
      const { task_id } = await ask(`/transfers?${query}`, { method: 'POST', body: sent.body });
      if (chosen === sent) clear();
      answer.textContent = `Accepted as ${task_id} in ${Math.round(performance.now() - start)} ms`;
      submitted(task_id);
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error));
    } finally {
      submit.disabled = chosen === null;
    }
  });
}

/**
 * @param {Example} example
 * @param {(choice: Choice) => void} choose
 */
function exampleOf({ file_name, title, about }, choose) {
  const radio = h('input', { type: 'radio', name: 'example', value: file_name });
  radio.addEventListener('change', () =>
    choose({
      ...{ name: file_name, query: `example=${encodeURIComponent(file_name)}` },
      ...{ body: null, key: crypto.randomUUID() },
    }),
  );
  return h('label', { class: 'example' }, radio, h('strong', {}, title), h('small', {}, about));
}

/**
 * @param {HTMLElement} target
 * @param {(file: File | undefined) => void} take
 */
function acceptDrops(target, take) {
  // Beside the target a dropped file would replace the page.
  for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault());
  target.addEventListener('dragover', () => target.classList.add('over'));
  for (const type of ['dragleave', 'drop']) target.addEventListener(type, () => target.classList.remove('over'));
  target.addEventListener('drop', (event) => take(event.dataTransfer?.files[0]));
}
