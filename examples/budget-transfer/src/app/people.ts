/** Somebody who works with this application. Real ones have a directory; a demo has a list. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly roles: readonly string[];
}

export const people: readonly Person[] = [
  { id: 'maria', name: 'Maria Chen', title: 'Budget analyst', roles: ['analyst'] },
  { id: 'tom', name: 'Tom Okafor', title: 'Controller', roles: ['approver'] },
  { id: 'priya', name: 'Priya Raman', title: 'Finance director', roles: ['approver'] },
  { id: 'amadmin', name: 'Alex Morgan', title: 'Application manager', roles: ['admin'] },
];

/** Undefined for nobody we know. */
export const personOf = (id: string): Person | undefined => people.find((person) => person.id === id);

export const mayApprove = (person: Person): boolean => person.roles.includes('approver');

export const mayAnnounce = (person: Person): boolean => person.roles.includes('admin');

/** The role that Tidings shows its health to. */
export const maySeeHealth = (person: Person): boolean => person.roles.includes('admin');

/** The approvers of a person's transfers: everyone with the role, but nobody for their own. */
export function approversOf(requester: string): { role: string } | { users: string[] } {
  const person = personOf(requester);
  if (!person || !mayApprove(person)) return { role: 'approver' };
  return { users: people.filter((one) => mayApprove(one) && one !== person).map(({ id }) => id) };
}
