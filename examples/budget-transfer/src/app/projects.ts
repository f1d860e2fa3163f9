/** A project, with those who see its room: its owner, and the advisors who may approve it. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly summary: string;
  /** In dollars a year. */
  readonly budget: number;
  readonly owner: string;
  readonly advisors: readonly string[];
}

export const projects: readonly Project[] = [
  {
    ...{ id: '12', name: 'Cloud migration', budget: 420_000, owner: 'maria', advisors: ['tom', 'priya'] },
    summary: 'Moves reporting and month-end jobs to managed hosting before the support contract ends.',
  },
  {
    ...{ id: '14', name: 'Supplier portal', budget: 185_000, owner: 'maria', advisors: ['priya', 'amadmin'] },
    summary: 'Lets suppliers file invoices themselves, with the purchase order matched on entry.',
  },
  {
    ...{ id: '15', name: 'Close in three days', budget: 96_000, owner: 'tom', advisors: ['priya'] },
    summary: 'Shortens the monthly close from five days to three.',
  },
];

export const projectOf = (id: string): Project | undefined => projects.find((project) => project.id === id);

/** True for the owner and the advisors of a project, who alone know of its room. */
export const isInProject = ({ owner, advisors }: Project, person: string): boolean =>
  owner === person || advisors.includes(person);

/** The name of a project's room. */
export const roomOf = ({ id }: Project): string => `project:${id}`;
