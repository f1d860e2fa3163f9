import { html, type TemplateResult } from 'lit';

const disc = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20';

/** Icons: a line drawing, or a filled shape with a sign on it. */
const drawings = {
  close: ['m7 7 10 10m0-10L7 17'],
  bell: ['M6 10a6 6 0 0 1 12 0c0 5 2 7 2 7H4s2-2 2-7m4 10a2 2 0 0 0 4 0'],
  file: ['M14 3H5v18h14V8zm0 0v5h5'],
  download: ['M12 4v11m-5-5 5 5 5-5M5 20h14'],
  check: ['m5 12 5 5 9-10'],
  success: ['m8 12 3 3 5-6', disc],
  error: ['m9 9 6 6m0-6-6 6', disc],
  warning: ['M12 10v4m0 3v.1', 'M12 4 3 20h18z'],
  info: ['M12 11v6m0-10v.1', disc],
  stopped: ['M8 12h8', disc],
};
export type IconName = keyof typeof drawings;

/** A decorative icon; the text beside it has its meaning. */
export const draw = (line = '', shape = ''): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path class="shape" d=${shape} /><path class=${shape && 'sign'} d=${line} />
  </svg>`;

export const icon = (name: IconName): TemplateResult => draw(...drawings[name]);
