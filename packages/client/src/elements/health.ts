import { css, type PropertyDeclarations, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import type { HealthHost } from './health/health-board.ts';
import { PartSlot } from './part-slot.ts';
import { loadHealth } from './parts.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

const styles = css`
  :host {
    display: block;
  }
`;

/**
 * `<tidings-health>`: how the components of all nodes are, and their incidents over time, live; for administrators.
 *
 * Attribute: `hours`, the time that is shown at first (default 24); the reader may choose a quarter of an hour, an hour and a day too. Parts: `overall` (also
 * `ok`, `degraded`, `down`, `lost`), `time`, `span`, `list`, `component`, `state`, `latency`, `reason`, `line`, `node`, `incident`, `open`,
 * `over`, `more`, `note`, `retry`.
 */
export class TidingsHealth extends TidingsElement {
  static override styles = [tokens, styles];
  static override properties: PropertyDeclarations = { hours: { type: Number } };

  declare hours: number;

  readonly #place = new PartSlot<HealthHost>(loadHealth, {
    ...this.asHost(),
    hours: () => (this.hours > 0 ? Math.min(Math.max(this.hours, 0.1), 24 * 31) : 24),
  });

  constructor() {
    super();
    this.hours = 24;
  }

  protected override follow(client: TidingsClient): (() => void)[] {
    return this.#place.follow(client);
  }

  protected override firstUpdated(): void {
    this.#place.want();
  }

  protected override render(): TemplateResult {
    return this.#place.render();
  }
}
