import { Refusal, type Route, sendJson } from './http.ts';
import { type Note, notes, noteToken, rightIn } from './notes.ts';
import { type Person, personOf } from './people.ts';

/** Time for which a token opens a note, seconds; the page has a new one then. */
const tokenSeconds = 600;

/** Routes of notes: those of a person, and the token for one, signed with `secret`. */
export function noteRoutes(secret: string): Route[] {
  return [
    {
      method: 'GET',
      path: /^\/notes$/,
      answer({ response, person }) {
        const own = notes.filter((note) => rightIn(note, person) !== null);
        sendJson(response, 200, { items: own.map((note) => shown(note, person)) });
      },
    },
    {
      method: 'POST',
      path: /^\/notes\/([a-z-]+)\/token$/,
      answer({ response, person, params: [id = ''] }) {
        const note = notes.find((one) => one.id === id);
        if (!note || rightIn(note, person) === null)
          throw new Refusal(404, `There is no note ${id}, or it is not yours.`);
        sendJson(response, 200, { token: noteToken(note, person, secret, tokenSeconds) });
      },
    },
  ];
}

function shown(note: Note, person: Person) {
  const { id, name, summary, writers } = note;
  const may_write = rightIn(note, person) === 'rw';
  return { id, name, summary, may_write, writers: writers.map((writer) => personOf(writer)?.name ?? writer) };
}
