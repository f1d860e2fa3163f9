import { byId, make } from '../test/dom.js';

/** @typedef {{ title: string, id: string, mark?: string, words?: string }} Entry */
/** @typedef {{ title: string, id: string, entries: Entry[] }} Chapter */

/**
 * The list of all there is on the page: shows where one is, and finds what is typed.
 * @param {readonly Chapter[]} chapters
 */
export function showContents(chapters) {
  const nav = byId('contents');
  const groups = chapters.map(({ title, id, entries }) => {
    const rows = entries.map((entry) => ({ entry, row: make('li', {}, linkOf(entry)) }));
    const list = make('ul', {}, ...rows.map(({ row }) => row));
    const group = make('div', { className: 'chapter' }, make('a', { href: `#${id}`, className: 'title' }, title), list);
    return { group, rows, title };
  });
  const none = make('p', { className: 'none', hidden: true }, 'Nothing here has that name.');
  nav.replaceChildren(...groups.map(({ group }) => group), none);
  find(groups, none);
  follow(nav);
  drawer(nav);
}

/** @param {Entry} entry */
function linkOf({ title, id, mark }) {
  const marked = mark ? [make('span', { className: `mark ${mark}` }, mark.toUpperCase())] : [];
  return make('a', { href: `#${id}` }, ...marked, make('span', {}, title));
}

/**
 * @param {{ group: HTMLElement, title: string, rows: { entry: Entry, row: HTMLElement }[] }[]} groups
 * @param {HTMLElement} none
 */
function find(groups, none) {
  const search = /** @type {HTMLInputElement} */ (byId('search'));
  search.addEventListener('input', () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { group, rows, title } of groups) {
      for (const { entry, row } of rows) {
        const text = `${title} ${entry.title} ${entry.id} ${entry.words ?? ''}`.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
      group.hidden = words.length > 0 && rows.every(({ row }) => row.hidden);
    }
    none.hidden = !groups.every(({ group }) => group.hidden);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const first = groups
      .filter(({ group }) => !group.hidden)
      .flatMap(({ rows }) => rows)
      .find(({ row }) => !row.hidden);
    first?.row.querySelector('a')?.click();
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select');
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    search.focus();
  });
}

/**
 * Marks the entry of what is read.
 * @param {HTMLElement} nav
 */
function follow(nav) {
  const links = new Map([...nav.querySelectorAll('a')].map((link) => [link.hash.slice(1), link]));
  const headings = [...document.querySelectorAll('main :is(h2, h3)[id]')];
  /** @type {Element | undefined} */
  let current;
  const mark = () => {
    const read = headings.findLast((heading) => heading.getBoundingClientRect().top < 140) ?? headings[0];
    if (!read || read === current) return;
    current = read;
    nav.querySelector('[aria-current]')?.removeAttribute('aria-current');
    const link = links.get(read.id);
    link?.setAttribute('aria-current', 'true');
    if (link && matchMedia('(min-width: 1000px)').matches) link.scrollIntoView({ block: 'nearest' });
  };
  const observer = new IntersectionObserver(mark, { rootMargin: '-80px 0px -70% 0px' });
  for (const heading of headings) observer.observe(heading);
  document.addEventListener('scrollend', mark);
  mark();
}

/**
 * On narrow screens the contents lie behind a button.
 * @param {HTMLElement} nav
 */
function drawer(nav) {
  const menu = byId('menu');
  const open = (/** @type {boolean} */ isOpen) => {
    menu.setAttribute('aria-expanded', String(isOpen));
    document.body.classList.toggle('is-menu-open', isOpen);
  };
  menu.addEventListener('click', () => open(menu.getAttribute('aria-expanded') !== 'true'));
  nav.addEventListener('click', (event) => event.target instanceof Element && event.target.closest('a') && open(false));
  byId('search').addEventListener('focus', () => matchMedia('(max-width: 999px)').matches && open(true));
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || menu.getAttribute('aria-expanded') !== 'true') return;
    open(false);
    menu.focus();
  });
}
