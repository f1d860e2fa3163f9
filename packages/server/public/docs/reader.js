import { make, serverUrl } from '../test/dom.js';

/** The reader's keys, for the examples that are copied from the page. They never leave the tab. */
export class Reader {
  #isDevelopment;
  #keys = { apiKey: '', token: '' };
  /** @type {(() => void)[]} */
  #listeners = [];

  /** @param {boolean} isDevelopment whether users are taken at their word here */
  constructor(isDevelopment) {
    this.#isDevelopment = isDevelopment;
  }

  get isDevelopment() {
    return this.#isDevelopment;
  }

  get apiKey() {
    return this.#keys.apiKey || '$TIDINGS_API_KEY';
  }

  /** The token as a shell has it; null if none is needed. */
  get token() {
    return this.#keys.token || (this.#isDevelopment ? null : '$TIDINGS_TOKEN');
  }

  /** @param {() => void} listener told when a key or token was typed */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  /** The form in which a key and a token are typed. */
  form() {
    const field = (
      /** @type {'apiKey' | 'token'} */ name,
      /** @type {string} */ label,
      /** @type {string} */ placeholder,
    ) => {
      const input = make('input', { placeholder, autocomplete: 'off', spellcheck: false, name });
      input.addEventListener('input', () => {
        this.#keys[name] = input.value.trim();
        for (const listener of this.#listeners) listener();
      });
      return make('label', {}, label, input);
    };
    const hint = 'They appear in what you copy from this page, and stay in this tab.';
    const form = make(
      'form',
      { className: 'keys' },
      field('apiKey', 'Your API key', this.#isDevelopment ? 'in .tidings/dev.json' : '$TIDINGS_API_KEY'),
      field(
        'token',
        "A user's token",
        this.#isDevelopment ? 'none needed here: ?user=alice' : 'npx tidings token --user 42',
      ),
      make('p', { className: 'hint' }, hint),
    );
    form.addEventListener('submit', (event) => event.preventDefault());
    return form;
  }
}

/** @returns {Promise<boolean>} whether this server is for development, and takes users at their word */
export async function isDevelopment() {
  try {
    const response = await fetch(`${serverUrl}/test/about`);
    return response.ok && (await response.json()).can_send === true;
  } catch {
    return false;
  }
}
