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
  { id: 'amadmin', name: 'Alex Morgan', title: 'Application manager', roles: [] },
];

/** Controllers may announce things to everyone. */
export function mayAnnounce(person: Person): boolean {
  return person.roles.includes('approver');
}
