import { ErpError } from './erp-error.ts';

const reasons: Partial<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed before the answer was complete',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'the host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no network',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_CONNECT_TIMEOUT: 'the connection timed out',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate names another host',
};

/** Turns what `fetch` rejected with into one sentence that names the host and what to check. */
export function unreachable(baseUrl: URL, error: unknown): ErpError {
  const reason = reasonOf(error);
  const checks = 'Check the base URL, that the service is up, and that a firewall or proxy lets this machine reach it.';
  return new ErpError('unreachable', `Cannot reach the ERP at ${baseUrl.host}: ${reason}. ${checks}`, true, {
    cause: error,
  });
}

// fetch says "fetch failed"; what failed is in its cause.
function reasonOf(error: unknown): string {
  let innermost = 'the request failed';
  for (let current = error; current instanceof Error; current = current.cause) {
    const code = 'code' in current && typeof current.code === 'string' ? current.code : '';
    if (reasons[code]) return reasons[code];
    innermost = current.message || code || innermost;
  }
  return innermost;
}
