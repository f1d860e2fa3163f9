import { byId } from './dom.js';

/** @type {Record<string, string>} */
const titles = {
  transfers: 'Budget transfers',
  approvals: 'Approvals',
  projects: 'Projects',
  notes: 'Notes',
  announcements: 'Announcements',
  health: 'Health',
  inbox: 'Inbox',
};

/**
 * The parts of the page, of which the address names one: `#approvals`, or with what is looked at there, `#approvals/T-4K7Q2MXR`.
 *
 * @param {string[]} allowed those this person has a use for; the first is where one begins
 * @param {(view: string, detail: string) => void} shown
 */
export function showViews(allowed, shown) {
  for (const link of document.querySelectorAll('.views a')) {
    const name = link.getAttribute('href')?.slice(1) ?? '';
    link.toggleAttribute('hidden', !allowed.includes(name));
  }
  const show = () => {
    const [named = '', detail = ''] = location.hash.slice(1).split('/');
    const view = allowed.includes(named) ? named : (allowed[0] ?? '');
    for (const section of document.querySelectorAll('[data-view]')) {
      section.toggleAttribute('hidden', section.getAttribute('data-view') !== view);
    }
    for (const link of document.querySelectorAll('.views a')) {
      if (link.getAttribute('href') === `#${view}`) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    document.title = `${titles[view]} · Meridian Budget Office`;
    shown(view, detail);
  };
  addEventListener('hashchange', show);
  show();
}

/**
 * A number beside the name of a part; none for 0.
 *
 * @param {string} id
 * @param {number} count
 */
export function showCount(id, count) {
  const badge = byId(id);
  badge.textContent = count > 99 ? '99+' : String(count);
  badge.hidden = count === 0;
}
