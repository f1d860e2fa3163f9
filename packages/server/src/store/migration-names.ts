/** The names of all migrations, in order. */
export const migrationNames = [
  '0001-records',
  '0002-inbox',
  '0003-postgres',
  '0004-outbox',
  '0005-answered',
  '0006-deliveries',
  '0007-runners',
  '0008-links',
  '0009-receivers',
  '0010-bounds',
  '0011-rooms',
  '0012-documents',
  '0013-presence',
  '0014-room-state',
  '0015-document-versions',
  '0016-room-events',
] as const;
