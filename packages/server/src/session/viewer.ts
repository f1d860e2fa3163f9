import {
  type Identity,
  type MembershipChange,
  predatesMembership,
  rolesAfter,
  type Visibility,
  visibilityOf,
} from '../domain/identity.ts';
import type { Change } from '../domain/writes.ts';
import type { SharedFrame } from '../fanout/shared-frame.ts';

/** The user of a session, as far as it decides which changes are shown. */
export class Viewer {
  readonly #adminRole: string;
  #identity: Identity;
  /** By shared topic, the rev at which the user's membership starts. */
  #membershipStarts: ReadonlyMap<string, number> = new Map();

  constructor(identity: Identity, adminRole: string) {
    this.#identity = identity;
    this.#adminRole = adminRole;
  }

  get identity(): Identity {
    return this.#identity;
  }

  /** Takes the identity of a newer token. Roles stay: they change in the order of revs, on all of the user's sessions alike. */
  renew(identity: Identity): void {
    this.#identity = { ...identity, roles: this.#identity.roles };
  }

  setRoles(roles: readonly string[]): void {
    this.#identity = { ...this.#identity, roles };
  }

  /** The user has become a member of a shared topic, or is none any more. */
  changeRoles(membership: MembershipChange): void {
    this.setRoles(rolesAfter(this.#identity.roles, membership));
  }

  /** Sets the revs at which the user's memberships start, as of a read. */
  setMembershipStarts(starts: ReadonlyMap<string, number>): void {
    this.#membershipStarts = starts;
  }

  visibilityOf({ viewers }: Change, retractedFor: SharedFrame['retractedFor']): Visibility {
    return visibilityOf(viewers, this.#identity, this.#adminRole, retractedFor);
  }

  /** The same for a frame that is delivered on these topics, which is hidden where it is of a notification from before the membership. */
  visibilityOn(topics: readonly string[], { change, retractedFor }: SharedFrame): Visibility {
    if (predatesMembership(change, topics, this.#membershipStarts)) return 'hidden';
    return this.visibilityOf(change, retractedFor);
  }
}
