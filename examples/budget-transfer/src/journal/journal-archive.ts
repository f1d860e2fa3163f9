import { strToU8, zipSync } from 'fflate';

const glInterfaceFileName = 'GlInterface.csv';
export const journalArchiveFileName = 'GlInterface.zip';

/** GlInterface.zip: the one file that the ERP loads journals from. */
export function zipGlInterface(csv: string, createdOn: string): Uint8Array {
  return zipSync({ [glInterfaceFileName]: strToU8(csv) }, { mtime: `${createdOn}T12:00:00` });
}
