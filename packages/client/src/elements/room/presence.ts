import { html, nothing, type TemplateResult } from 'lit';
import type { TidingsClient } from '../../client.ts';
import type { PresentMember } from '../../rooms/members.ts';
import type { Part } from '../part-slot.ts';
import { avatar } from './avatar.ts';
import { OpenedRoom } from './opened-room.ts';
import type { RoomHost } from './room-host.ts';

/** The people in a room, as `<tidings-presence>` shows them. */
export class PresenceList implements Part {
  readonly #host: RoomHost;
  readonly #room: OpenedRoom;

  constructor(host: RoomHost) {
    this.#host = host;
    this.#room = new OpenedRoom(host);
  }

  follow(client: TidingsClient): (() => void)[] {
    return this.#room.follow(client);
  }

  render(): TemplateResult {
    const { words, snapshot } = this.#room;
    if (snapshot?.status === 'refused') return html`<p class="subtle" role="status">${words.roomRefused}</p>`;
    const members = snapshot?.members ?? [];
    const max = Math.max(1, (this.#host.element as Partial<{ max: number }>).max || 5);
    const shown = members.length > max + 1 ? members.slice(0, max) : members;
    const others = members.slice(shown.length);
    return html`<div class="here" role="group" aria-label=${words.here}>
      <ul class="people" role="list" part="list">
        ${shown.map((member) => html`<li part="person" title=${this.#name(member)}>${avatar(this.#name(member), member.user_id)}<bdi class="spoken">${this.#name(member)}</bdi></li>`)}
        ${
          others.length
            ? html`<li part="more" title=${others.map((member) => this.#name(member)).join(', ')}>
                <span class="avatar others" aria-hidden="true">+${others.length}</span>
                <span class="spoken">${words.morePeople(others.length)}</span>
              </li>`
            : nothing
        }
      </ul>
      <span class="subtle" part="count">${snapshot?.status === 'waiting' ? nothing : words.hereCount(members.length)}</span>
    </div>`;
  }

  #name({ username, user_id }: PresentMember): string {
    return this.#room.nameOf(username, user_id);
  }
}
