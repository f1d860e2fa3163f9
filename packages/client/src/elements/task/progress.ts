import { html, nothing, type TemplateResult } from 'lit';
import { formatDuration, formatPercent } from '../format.ts';
import type { OwnStrings } from '../strings.ts';
import type { taskEnglish } from './strings.ts';

/** The texts of tasks, with the language they are in. */
export type TaskWords = OwnStrings & typeof taskEnglish;

/**
 * A progress bar, with figures for percent and time left. At 0 % the bar only says that something goes on.
 *
 * @param left milliseconds to the end; null if nothing can be said
 */
export function progress(percent: number, left: number | null, name: string, words: TaskWords): TemplateResult {
  const { locale, timeLeft } = words;
  const figures = html`<p class="figures row subtle">
    <span>${formatPercent(percent, locale)}</span>
    <span>${left === null ? nothing : timeLeft(formatDuration(left, locale))}</span>
  </p>`;
  return html`
    <div class="bar ${percent ? '' : 'unknown'}" part="bar" role="progressbar" aria-label=${name} aria-valuenow=${percent || nothing}
      ><div .style=${percent ? `inline-size:${percent}%` : ''}></div></div>
    ${percent ? figures : nothing}
  `;
}
