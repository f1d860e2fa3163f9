/** Ids that the examples share, as the server makes them. */
export const ids = {
  notification: 'n1jkm3q7r0a6v2k9pe41smdh83',
  another: 'n1jkm3q7r1c8u0n5tb72fqge64',
  task: 'transfer-1002',
  event: 'e1jkm3q7r4m2s8h0xk65wrjg91',
  state: 's-4JKfPW76IVAbwhwpj5cfKf1n',
  session: 's1jkm1o4g09h3r7cdm25vkbt16',
  term: 't1jkh8s2k',
  cursorTag: 'c0dctApW',
} as const;

/** A time that this server takes as one to come, days after it was started. */
export const inDays = (days: number): string =>
  `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 13)}:00:00Z`;
