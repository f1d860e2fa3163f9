/** The end of a connection by the server. */
export interface Close {
  code: number;
  /** A sentence; JSON, which has it, where the client is told when to come again. */
  reason: string;
  /** The time that the reason names, ms. */
  retryAfterMs?: number;
  /** True if the token has expired, so that the client may come back with a newer one. Default: false. */
  isRenewable?: boolean;
}

/** A close that tells when to come again. Its reason is JSON, which clients read as that of a restart. */
export const closeWithRetry = (code: number, retryAfterMs: number, reason?: string): Close => ({
  ...{ code, retryAfterMs, reason: JSON.stringify({ retry_after_ms: retryAfterMs, reason }) },
});
