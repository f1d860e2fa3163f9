import { draw } from '../icons.ts';

/** The inbox's own drawings. */
const lines = {
  archive: 'M4 8h16v11H4zM3 4.5h18V8H3zM10 12h4',
  unarchive: 'M4 8h16v11H4zM3 4.5h18V8H3zM12 16v-5m-2.5 2.5L12 11l2.5 2.5',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 8v4.5l3 2',
  unread: 'M4 6h16v12H4zm0 1 8 6 8-6',
  read: 'm3 13 4 4 8-9m-2 8 1 1 8-9',
  search: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13m5 11.5L20 20',
};
export type DrawingName = keyof typeof lines;

export const drawing = (name: DrawingName) => draw(lines[name]);
