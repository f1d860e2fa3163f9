import { html, nothing, svg, type TemplateResult } from 'lit';
import { type ShownComponent, type ShownIncident, within } from './board.ts';
import type { HealthStrings } from './strings.ts';
import { formatIncident, formatTime } from './times.ts';

/** The time that is drawn, milliseconds since 1970. */
export interface Span {
  from: number;
  /** Now. */
  to: number;
  /** Before it nothing is known. */
  knownSince: number;
}

/** The least width of an incident, percent. */
const leastPercent = 0.2;
/** The most incidents that are read out for one component; the list below the board has all. */
const spoken = 5;

/**
 * The incidents of a component over time: a bar that is green while it was ok. Worse is higher, and one that goes on is hatched, so that no
 * colour is needed. Its attributes are geometry only, since a page may forbid styles in attributes.
 */
export function timeline(
  { name, incidents }: ShownComponent,
  span: Span,
  words: HealthStrings & { locale: string },
): TemplateResult {
  const shown = within(incidents, span.from);
  const place = (time: number) =>
    (100 * (Math.min(Math.max(time, span.from), span.to) - span.from)) / (span.to - span.from);
  const known = place(span.knownSince);
  return html`<svg class="line" part="line" role="img" aria-label=${labelOf(shown, span, words)}>
    ${hatch(name)}
    <rect class="unknown" width="100%" height="100%" />
    <rect class="fine" x="${known}%" width="${100 - known}%" height="100%" />
    ${inFront(shown).map((one) => mark(one, name, place))}
  </svg>`;
}

/** The order of drawing: newer ones over older ones, and those that go on over all. */
const inFront = (shown: readonly ShownIncident[]): ShownIncident[] =>
  shown.toReversed().sort((a, b) => Number(a.end === null) - Number(b.end === null));

function mark({ state, start, end }: ShownIncident, name: string, place: (time: number) => number) {
  // A rectangle without a width is not drawn, and one that has just begun has none.
  const from = Math.min(place(start), 100 - leastPercent);
  const width = Math.max(place(end ?? Number.POSITIVE_INFINITY) - from, leastPercent);
  const [y, height] = state === 'down' ? ['0', '100%'] : ['40%', '60%'];
  return svg`<g class="incident ${state} ${end === null ? 'open' : 'over'}">
    <rect x="${from}%" y=${y} width="${width}%" height=${height} />
    ${end === null ? svg`<rect class="hatched" x="${from}%" y=${y} width="${width}%" height=${height} fill="url(#${name})" />` : nothing}
  </g>`;
}

const hatch = (name: string) => svg`<defs>
  <pattern id=${name} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect class="stripe" width="2.5" height="6" />
  </pattern>
</defs>`;

/** The bar in words. */
function labelOf(
  shown: readonly ShownIncident[],
  { from, to, knownSince }: Span,
  words: HealthStrings & { locale: string },
): string {
  const known = knownSince > from ? ` ${words.knownSince(formatTime(knownSince, to, words.locale))}` : '';
  if (shown.length === 0) return words.noIncidents + known;
  const told = shown.slice(0, spoken).map((one) => `${words[one.state]}, ${formatIncident(one, to, words)}`);
  return `${words.incidentCount(shown.length)}: ${told.join('; ')}${shown.length > spoken ? '; …' : ''}.${known}`;
}
