import { createHmac } from 'node:crypto';
import type { Tidings } from '@tidings/server';
import type { Person } from './people.ts';

/** A note that a team writes together. Only its writers and readers know of it. */
export interface Note {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  readonly writers: readonly string[];
  readonly readers: readonly string[];
  /** The text that it begins with. */
  readonly text: string;
}

export const notes: readonly Note[] = [
  {
    ...{ id: 'november-close', name: 'November close', summary: 'What the team agrees on before the books close.' },
    ...{ writers: ['maria', 'tom', 'priya'], readers: ['amadmin'] },
    text: `Agenda
- Transfers that still wait for approval
- Year-end reserve: 480,000, who signs?

Decisions
- Cut-off for journals is Friday, 16:00

`,
  },
  {
    ...{ id: 'audit', name: 'Audit questions', summary: 'Answers for the auditors, agreed by the approvers.' },
    ...{ writers: ['tom', 'priya'], readers: ['maria', 'amadmin'] },
    text: `1. Who may approve a transfer above 250,000?
   The controller or the finance director, and never the requester.

2. How long are the journal files kept?

`,
  },
];

/** The right of a person in a note: `rw`, `r`, or null for none. */
export const rightIn = ({ writers, readers }: Note, person: Pick<Person, 'id'>): 'rw' | 'r' | null =>
  writers.includes(person.id) ? 'rw' : readers.includes(person.id) ? 'r' : null;

/** True for somebody who may read, or write, in a note. */
export function mayUseNote(userId: string, action: 'read' | 'write', id: string): boolean {
  const note = notes.find((one) => one.id === id);
  const right = note ? rightIn(note, { id: userId }) : null;
  return right === 'rw' || (action === 'read' && right === 'r');
}

/** Puts the first text into the notes that have never had one. */
export async function beginNotes(tidings: Tidings): Promise<void> {
  for (const note of notes) {
    await tidings.withDocument(roomOf(note), (doc) => {
      const facts = doc.getMap('facts');
      if (facts.has('begun')) return;
      doc.transact(() => {
        facts.set('begun', true);
        doc.getText('text').insert(0, note.text);
      });
    });
  }
}

/** A token with which a person opens the document of a note, for so many seconds. Tidings checks it by the same secret. */
export function noteToken(note: Note, person: Person, secret: string, seconds: number): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { sub: person.id, iat: now, exp: now + seconds, roles: person.roles };
  const grants = [`${roomOf(note)}:${rightIn(note, person)}`];
  const text = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ ...claims, grants })}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const roomOf = ({ id }: Note): string => `collaboration:${id}`;
