import type { RoomEvent } from '@tidings/protocol';
import { css, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit';
import type { TidingsClient } from '../client.ts';
import { type PartModule, PartSlot } from './part-slot.ts';
import { loadActivity, loadPresence } from './parts.ts';
import type { RoomHost } from './room/room-host.ts';
import { TidingsElement } from './tidings-element.ts';
import { tokens } from './tokens.ts';

const styles = css`
  :host {
    display: block;
  }
`;

/** An element that shows something of one room. */
abstract class RoomElement extends TidingsElement {
  static override styles = [tokens, styles];
  static override properties: PropertyDeclarations = { room: {} };

  declare room: string;

  protected abstract readonly place: PartSlot<RoomHost>;

  constructor() {
    super();
    this.room = '';
  }

  protected placeOf(load: () => Promise<PartModule<RoomHost>>, more: Partial<RoomHost> = {}): PartSlot<RoomHost> {
    const room = () => this.room;
    return new PartSlot(load, {
      ...this.asHost(),
      room,
      describe: () => undefined,
      isNewestLast: () => false,
      ...more,
    });
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('room')) this.stopFollowing();
  }

  protected override follow(client: TidingsClient): (() => void)[] {
    return this.room ? this.place.follow(client) : [];
  }

  protected override firstUpdated(): void {
    this.place.want();
  }

  protected override updated(): void {
    this.place.updated();
  }

  protected override render(): TemplateResult {
    return this.place.render();
  }
}

/**
 * `<tidings-presence room="project:12">`: who is in a room now: initials, and how many.
 *
 * Attributes: `room`; `max`, the most that are shown by their initials (default 5). Parts: `list`, `person`, `more`, `count`.
 */
export class TidingsPresence extends RoomElement {
  static override properties: PropertyDeclarations = { max: { type: Number } };

  declare max: number;

  protected override readonly place = this.placeOf(loadPresence);

  constructor() {
    super();
    this.max = 5;
  }
}

/**
 * `<tidings-activity room="project:12">`: what was sent to a room, with its age, and older events on request.
 *
 * Attributes: `room`; `newest`, `first` (default) or `last`. Property: `describe(event)`, the text of an event behind the name of who sent
 * it; null leaves the event out, undefined is the element's own words. Parts: `list`, `event`, `person`, `text`, `quote`, `time`, `more`,
 * `note`.
 */
export class TidingsActivity extends RoomElement {
  static override properties: PropertyDeclarations = { newest: {}, describe: { attribute: false } };

  declare newest: 'first' | 'last';
  declare describe: ((event: RoomEvent) => string | null | undefined) | undefined;

  protected override readonly place = this.placeOf(loadActivity, {
    describe: (event) => this.describe?.(event),
    isNewestLast: () => this.newest === 'last',
  });

  constructor() {
    super();
    this.newest = 'first';
  }
}
