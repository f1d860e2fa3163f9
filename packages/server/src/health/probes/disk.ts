import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { judged, type Probe } from '../finding.ts';

const mebibyte = 1_048_576;
/** Free room below which a volume is scarce, and full: of a small one a share. */
const scarceBelow = (size: number): number => Math.min(1_024 * mebibyte, size / 10);
const fullBelow = (size: number): number => Math.min(100 * mebibyte, size / 100);

/** Looks how much room is left on the volume of a SQLite file. @param read the sizes of the volume of a folder, in blocks */
export const diskProbe = (path: string, read: (folder: string) => Promise<Volume> = statfs): Probe => ({
  component: 'disk',
  async run() {
    const { bsize, bavail, blocks } = await read(dirname(path));
    const [free, size] = [bavail * bsize, blocks * bsize];
    const reason = `${Math.floor(free / mebibyte)} MiB are free on the volume of ${path}; make room, or move the database to a larger one: on a full disk nothing is stored`;
    if (free < fullBelow(size)) return judged([{ state: 'down', reason }]);
    return judged([free < scarceBelow(size) ? { state: 'degraded', reason } : null]);
  },
});

/** A volume: the bytes of a block, the blocks that are free for us, and all blocks. */
interface Volume {
  bsize: number;
  bavail: number;
  blocks: number;
}
