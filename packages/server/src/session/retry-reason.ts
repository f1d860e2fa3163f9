/** The reason of a close that tells when to come again: JSON, which clients read as that of a restart. */
export const retryReason = (retry_after_ms: number, reason: string): string =>
  JSON.stringify({ retry_after_ms, reason });
