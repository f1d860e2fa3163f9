import { readFile, writeFile } from 'node:fs/promises';
import { type Tidings, TidingsError } from '@tidings/server';
import { Refusal } from './http.ts';
import type { Person } from './people.ts';

/** A new announcement. Times in seconds from now. */
export interface NewAnnouncement {
  readonly title: string;
  readonly message: string;
  readonly audience: Audience;
  /** 0: at once. */
  readonly inSeconds: number;
  /** From when it is out; null: for good. */
  readonly forSeconds: number | null;
}

type Audience = 'everyone' | 'approvers';

/** An announcement that was made, as it stands now. */
export interface Announcement {
  readonly id: string;
  readonly title: string;
  readonly message: string;
  readonly audience: Audience;
  readonly status: 'scheduled' | 'live' | 'expired' | 'retracted';
  /** ISO 8601; null if it went out at once. */
  readonly deliver_at: string | null;
  readonly expires_at: string | null;
}

/** The number of announcements that are kept, newest first. */
const remembered = 20;

/**
 * The announcements that were made, to be changed or retracted. Only their ids are kept here, in a file: their state is
 * asked of Tidings.
 */
export class Announcements {
  readonly #tidings: Tidings;
  readonly #file: string;
  #ids: string[];

  private constructor(tidings: Tidings, file: string, ids: string[]) {
    this.#tidings = tidings;
    this.#file = file;
    this.#ids = ids;
  }

  static async open(tidings: Tidings, file: string): Promise<Announcements> {
    const text = await readFile(file, 'utf8').catch(() => '[]');
    return new Announcements(tidings, file, JSON.parse(text) as string[]);
  }

  async list(): Promise<Announcement[]> {
    const read = await Promise.all(this.#ids.map((id) => this.#read(id)));
    return read.filter((announcement) => announcement !== null);
  }

  async announce(author: Person, announcement: NewAnnouncement): Promise<void> {
    await this.#send([announcement], author);
  }

  /**
   * Maintenance of the ERP: told at once, so that people can plan, and again when it begins. Both have one collapse key, so
   * that it stays one notification, which asks for attention anew.
   */
  async announceMaintenance(author: Person, inSeconds: number, forSeconds: number): Promise<void> {
    const clock = (seconds: number) =>
      new Date(Date.now() + seconds * 1_000).toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
    const common = { audience: 'everyone', title: 'ERP maintenance' } as const;
    const end = clock(inSeconds + forSeconds);
    const message = `From ${clock(inSeconds)} to ${end} nothing can be posted.`;
    const notice = { ...common, message, inSeconds: 0, forSeconds: inSeconds + forSeconds };
    const begun = { ...common, message: `It has begun, and ends at ${end}.`, inSeconds, forSeconds };
    await this.#send([notice, begun], author, 'erp-maintenance');
  }

  async edit(id: string, message: string): Promise<void> {
    await this.#tidings.notifications.edit(this.#known(id), { message });
  }

  /** Takes it off every screen; one that is still to come never gets there. */
  async retract(id: string): Promise<void> {
    await this.#tidings.notifications.retract(this.#known(id));
  }

  async #send(announcements: readonly NewAnnouncement[], author: Person, collapseKey?: string): Promise<void> {
    const now = Date.now();
    const iso = (seconds: number) => new Date(now + seconds * 1_000).toISOString();
    const inputs = announcements.map(({ title, message, audience, inSeconds, forSeconds }) => ({
      to: audience === 'everyone' ? ({ everyone: true } as const) : { role: 'approver' },
      notification_type: collapseKey ? ('warning' as const) : ('info' as const),
      title,
      message,
      category: 'announcements',
      data: { author: author.name },
      ...(inSeconds > 0 ? { deliver_at: iso(inSeconds) } : {}),
      ...(forSeconds === null ? {} : { expires_at: iso(inSeconds + forSeconds) }),
      ...(collapseKey ? { collapse_key: collapseKey } : {}),
    }));
    const outcomes = await this.#tidings.notifyMany(inputs, { atomic: true });
    const ids = outcomes.map((outcome) => {
      if (outcome.ok) return outcome.result.id;
      throw outcome.error;
    });
    this.#ids = [...new Set([...ids, ...this.#ids])].slice(0, remembered);
    await writeFile(this.#file, JSON.stringify(this.#ids));
  }

  #known(id: string): string {
    if (this.#ids.includes(id)) return id;
    throw new Refusal(404, `There is no announcement ${id}.`);
  }

  /** Null for one that, when it came, has renewed another of its collapse key: that one tells of both. */
  async #read(id: string): Promise<Announcement | null> {
    const view = await this.#tidings.notifications.get(id).catch((error: unknown) => {
      if (error instanceof TidingsError && error.code === 'not_found') return null;
      throw error;
    });
    if (!view) return null;
    const { status, to, deliver_at, frame } = view;
    const { title = '', message = '', expires_at = null } = (frame ?? {}) as Partial<Announcement>;
    return {
      ...{ id, title, message, deliver_at, expires_at },
      audience: 'everyone' in to ? 'everyone' : 'approvers',
      status: status === 'answered' ? 'live' : status,
    };
  }
}
