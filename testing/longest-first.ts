import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take long, by what they start, longest first: begun last, one of them would run alone at the end. */
const long = [
  // The longest, and mostly waiting.
  /^e2e\/src\/faults\//,
  /^e2e\//,
  /^examples\/.*browser/,
  /^examples\/.*demo/,
  /\/elements\//,
  /\/script-tag\//,
  /\/cli\//,
  /postgres/,
  /\/store\//,
  /(health|shared-database|model|property|-page)\.test/,
  /\/transport\//,
  /^scripts\/boundaries/,
  /\/(recovery|document-sockets|asking|linked|large-records)\.test/,
];

/** Orders the files of a run alike on every machine, also from a fresh clone. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId, project }: TestSpecification) => {
      const file = moduleId.slice(project.config.root.length + 1);
      const found = long.findIndex((pattern) => pattern.test(file));
      return [found === -1 ? long.length : found, file] as const;
    };
    return files.sort((a, b) => {
      const [first, second] = [place(a), place(b)];
      return first[0] - second[0] || first[1].localeCompare(second[1]);
    });
  }
}
