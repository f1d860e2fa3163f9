import type { HealthState } from '@tidings/protocol';
import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import { type Health, type HealthSnapshot, systemHealth } from '../../health.ts';
import { type IconName, icon } from '../icons.ts';
import type { Part, PartHost } from '../part-slot.ts';
import { Ticker } from '../ticker.ts';
import { type Board, boardOf, type ShownComponent, type ShownIncident, within } from './board.ts';
import { type HealthStrings, healthEnglish } from './strings.ts';
import { type Span, timeline } from './timeline.ts';
import { formatIncident, formatTime } from './times.ts';

/** The element that shows health, as its part sees it. */
export interface HealthHost extends PartHost {
  /** The hours that are shown at first. */
  hours(): number;
}

type Words = HealthStrings & ReturnType<PartHost['words']>;

const hourMs = 3_600_000;
/** The incidents that are listed at first. */
const listedAtFirst = 5;
const icons: Record<HealthState, IconName> = { ok: 'success', degraded: 'warning', down: 'error' };
/** The classes of the elements' tones. */
const tones: Record<HealthState, string> = { ok: 'success', degraded: 'warning', down: 'error' };

/** The health of the system: what `<tidings-health>` shows. */
export class HealthBoard implements Part {
  readonly #host: HealthHost;
  #health: Health | undefined;
  /** The hours that the reader chose; null before. */
  #hours: number | null = null;
  #listsAll = false;

  constructor(host: HealthHost) {
    this.#host = host;
    new Ticker(host.element, 10_000, () => this.#health?.getSnapshot().status === 'live');
  }

  follow(client: TidingsClient): (() => void)[] {
    const health = systemHealth(client);
    this.#health = health;
    const off = health.onChange(this.#host.scheduleRender);
    this.#host.element.requestUpdate();
    const leave = () => {
      off();
      health.close();
      if (this.#health === health) this.#health = undefined;
    };
    return [leave];
  }

  render(): TemplateResult {
    const words = { ...healthEnglish, ...this.#host.words() };
    const snapshot = this.#health?.getSnapshot();
    if (!snapshot || snapshot.status === 'waiting') {
      return html`<p class="note subtle" role="status" part="note">${words.healthWaiting}</p>`;
    }
    return snapshot.health ? this.#board(snapshot, boardOf(snapshot.health), words) : this.#absent(snapshot, words);
  }

  /** Why there is nothing to show. */
  #absent({ status, reason }: HealthSnapshot, words: Words): TemplateResult {
    const isRefused = status === 'refused';
    const text = !isRefused
      ? words.healthUnreachable
      : reason?.code === 'forbidden'
        ? words.healthRefused
        : reason?.code === 'unauthenticated'
          ? words.healthSignedOut
          : words.healthUnreachable;
    const again = html`<button class="button" part="retry" @click=${() => this.#health?.retry()}>${words.tryAgain}</button>`;
    return html`<div class="absent" part="note">
      <span class="muted">${icon('stopped')}</span>
      <p role="status">${text}${text === words.healthUnreachable && reason ? html` <bdi class="subtle" lang="en" dir="ltr">${reason.message}</bdi>` : nothing}</p>
      ${isRefused ? again : nothing}
    </div>`;
  }

  #board(snapshot: HealthSnapshot, board: Board, words: Words): TemplateResult {
    const isLive = snapshot.status === 'live';
    const seenAt = snapshot.receivedAt ?? 0;
    const now = isLive ? this.#host.client().now() : Date.parse(snapshot.health?.at ?? '');
    const span = { from: now - this.#shownHours * hourMs, to: now, knownSince: board.knownSince };
    return html`<section class=${isLive ? 'board' : 'board stale'} aria-label=${words.health}>
      ${isLive ? overall(board, seenAt, words) : lost(board, seenAt, words)}
      ${this.#components(board, span, words, isLive)}
      ${board.nodes.length > 1 ? nodes(board, words) : nothing}
      ${this.#incidents(board, span, words)}
    </section>`;
  }

  #components(board: Board, span: Span, words: Words, isLive: boolean): TemplateResult {
    const hours = this.#shownHours;
    return html`<div class="card">
      <div class="spans" role="group" aria-label=${words.timeShown}>
        ${[...new Set([0.25, 1, 24, this.#host.hours()])]
          .sort((a, b) => a - b)
          .map(
            (one) =>
              html`<button part="span" aria-pressed=${one === hours} @click=${() => this.#show(one)}>${one < 1 ? words.lastMinutes(Math.round(one * 60)) : words.lastHours(one)}</button>`,
          )}
      </div>
      <ul class="components" role="list" part="list">
        ${board.components.map((one) => html`<li part="component">${component(one, board, words)}${timeline(one, span, words)}</li>`)}
      </ul>
      <div class="axis subtle" aria-hidden="true">
        ${[span.from, (span.from + span.to) / 2].map((time) => html`<bdi>${formatTime(time, span.to, words.locale)}</bdi>`)}
        <bdi>${isLive ? words.now : formatTime(span.to, Date.now(), words.locale)}</bdi>
      </div>
    </div>`;
  }

  get #shownHours(): number {
    return this.#hours ?? this.#host.hours();
  }

  #show(hours: number): void {
    this.#hours = hours;
    this.#host.element.requestUpdate();
  }

  #incidents(board: Board, span: Span, words: Words): TemplateResult {
    const all = within(board.incidents, span.from);
    const shown = this.#listsAll ? all : all.slice(0, listedAtFirst);
    return html`<div class="card">
      <h2>${words.incidents}</h2>
      ${
        all.length > 0
          ? html`<ol class="incidents" role="list">${shown.map((one) => html`<li part="incident">${incident(one, board, span, words)}</li>`)}</ol>`
          : html`<p class="subtle">${words.noIncidents} ${span.knownSince > span.from ? words.knownSince(formatTime(span.knownSince, span.to, words.locale)) : nothing}</p>`
      }
      ${
        shown.length < all.length
          ? html`<button class="quiet" part="more" @click=${this.#showAll}>${words.showAll(all.length)}</button>`
          : nothing
      }
    </div>`;
  }

  readonly #showAll = (): void => {
    this.#listsAll = true;
    this.#host.element.requestUpdate();
  };
}

function titleOf({ state, isAllDown }: Board, words: Words): string {
  if (state === 'ok') return words.allWorks;
  if (state === 'degraded') return words.worksPartly;
  return isAllDown ? words.allDown : words.partsDown;
}

/** The state of the whole. Only the title is announced: the time changes every few seconds. */
function overall(board: Board, seenAt: number, words: Words): TemplateResult {
  const time = new Intl.DateTimeFormat(words.locale, { timeStyle: 'medium' }).format(seenAt);
  return html`<div class="overall tint ${tones[board.state]}" part="overall ${board.state}">
    <span class="tone">${icon(icons[board.state])}</span>
    <div class="body">
      <p class="title" role="status">${titleOf(board, words)}</p>
      <p class="subtle" part="time"><bdi>${words.healthAsOf(time)}</bdi> · <bdi>${words.nodes(board.nodes.length)}</bdi></p>
    </div>
  </div>`;
}

/** The connection is away: what was known last, and when. */
function lost(board: Board, seenAt: number, words: Words): TemplateResult {
  return html`<div class="overall lost" part="overall lost">
    <span class="muted">${icon('stopped')}</span>
    <div class="body">
      <p class="title" role="status">${words.healthLost(formatTime(seenAt, Date.now(), words.locale))}</p>
      <p class="subtle">${titleOf(board, words)}</p>
    </div>
  </div>`;
}

function nodeName({ nodes }: Board, node: string, words: Words): string {
  const place = nodes.findIndex((one) => one.node === node);
  return place < 0 ? words.formerNode : words.node(place + 1);
}

function component({ name, state, latencyMs, affected, nodeCount }: ShownComponent, board: Board, words: Words) {
  const hasNodes = board.nodes.length > 1;
  const latency =
    latencyMs === null
      ? nothing
      : html`<bdi class="subtle latency" part="latency">${new Intl.NumberFormat(words.locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: latencyMs < 10 ? 1 : 0 }).format(latencyMs)}</bdi>`;
  return html`<div class="head">
      <span class="tone ${tones[state]}">${icon(icons[state])}</span>
      <bdi class="name">${words.components[name] ?? name}</bdi>
      ${latency}
      <span class="state ${tones[state]}" part="state ${state}">${words[state]}${hasNodes && affected.length > 0 ? html` <span class="subtle">${words.ofNodes(affected.length, nodeCount)}</span>` : nothing}</span>
    </div>
    ${affected.map(({ node, reasons }) =>
      reasons.map(
        (reason) =>
          html`<p class="reason" part="reason">${hasNodes ? html`<b>${nodeName(board, node, words)}</b> ` : nothing}<bdi lang="en" dir="ltr">${reason}</bdi></p>`,
      ),
    )}`;
}

function nodes(board: Board, words: Words): TemplateResult {
  return html`<div class="card">
    <h2><bdi>${words.nodes(board.nodes.length)}</bdi></h2>
    <ul class="nodes" role="list">
      ${board.nodes.map(
        ({ node, status }, place) => html`<li part="node">
          <span class="tone ${tones[status]}">${icon(icons[status])}</span>
          <span class="name">${words.node(place + 1)} <code class="subtle" dir="ltr">${node}</code></span>
          <span class="state ${tones[status]}">${words[status]}</span>
        </li>`,
      )}
    </ul>
  </div>`;
}

function incident(one: ShownIncident, board: Board, { to }: Span, words: Words): TemplateResult {
  const isOpen = one.end === null;
  const isFormer = board.nodes.every(({ node }) => node !== one.node);
  const place =
    board.nodes.length > 1 || isFormer
      ? html` <span class="subtle">· ${nodeName(board, one.node, words)}</span>`
      : nothing;
  return html`<div class="head">
      <span class="tone ${tones[one.state]}">${icon(icons[one.state])}</span>
      <span class="name"><bdi>${words.components[one.component] ?? one.component}</bdi> <span class="subtle">${words[one.state]}</span>${place}</span>
      <span class="badge ${isOpen ? `open ${tones[one.state]} tint` : ''}" part=${isOpen ? 'open' : 'over'}>${isOpen ? words.goesOn : words.ended}</span>
    </div>
    <p class="subtle when" part="time"><bdi>${formatIncident(one, to, words)}</bdi></p>
    ${one.reasons.map((reason) => html`<p class="reason" part="reason"><bdi lang="en" dir="ltr">${reason}</bdi></p>`)}`;
}
