import { html, type TemplateResult } from 'lit';

const disc = 'M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20';

/** Each a line drawing, or a filled shape with a sign on it. */
const drawings = {
  close: ['m7 7 10 10M17 7 7 17'],
  bell: ['M6 9.5a6 6 0 0 1 12 0c0 5.5 2.2 7 2.2 7H3.8S6 15 6 9.5M10 20a2.3 2.3 0 0 0 4 0'],
  file: ['M14 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8zm0 0v5h5'],
  download: ['M12 4v11m-4.5-4.5L12 15l4.5-4.5M5 20h14'],
  check: ['m5 12.5 4.5 4.5L19 7.5'],
  success: ['m7.8 12.4 2.9 2.9 5.5-6', disc],
  error: ['m9 9 6 6m0-6-6 6', disc],
  warning: ['M12 10v4m0 3v.1', 'M12 4 2.8 20h18.4z'],
  info: ['M12 11.5V17m0-9.6v.1', disc],
  stopped: ['M8 12h8', disc],
};
export type IconName = keyof typeof drawings;

/** A decorative icon; what it means is said in text beside it. */
export const icon = (name: IconName): TemplateResult => {
  const [line, shape = ''] = drawings[name];
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    <path class="shape" d=${shape} /><path class=${shape && 'sign'} d=${line} />
  </svg>`;
};
