import { reasonOf, TidingsError } from '@tidings/protocol';
import type { Failure } from './failure.ts';

/** Reasons of a connection that was never made, so that nothing was sent. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused|FailedToOpenSocket)$/;

/** Faults that do not end by themselves, found before anything is sent, and the remedy for each. The first match is used. */
const finalFaults: readonly [RegExp, string][] = [
  [/ALTNAME_INVALID|HOSTNAME_MISMATCH/, 'its certificate is for another name: set TIDINGS_URL to a name it has'],
  [/CERT_HAS_EXPIRED/, 'its certificate has expired: renew it'],
  [/CERT_NOT_YET_VALID/, 'its certificate is not valid yet: check the clocks of both machines'],
  [
    /SELF_SIGNED|LEAF_SIGNATURE|ISSUER_CERT|CERT_|CERTIFICATE_VERIFY|^INVALID_(CA|PURPOSE)$|invalid peer certificate/i,
    'its certificate is not trusted here: name the authority that signed it by NODE_EXTRA_CA_CERTS',
  ],
  [
    /WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/,
    'it does not speak TLS there: check the port, or begin TIDINGS_URL with http://',
  ],
  [
    /^ERR_(SSL|TLS)_(?!.*(MAC|DECRYPT))/,
    'no TLS connection could be agreed on: check the versions and certificates of both sides',
  ],
  [/HTTPParserError|^HPE_/, 'what answers there does not speak HTTP: check the port in TIDINGS_URL'],
  [/^bad port$/, 'no program of the web may use that port: serve Tidings on another'],
  [/HTTP Tunneling|UND_ERR_PRX_TLS/, 'the proxy on the way refused the connection: check what it asks for'],
  [/^ERR_INVALID_URL$/, 'that is no address: check TIDINGS_URL'],
];

/** The failure of an attempt whose fetch failed. */
export function unreachable(url: string, cause: unknown): Failure {
  const reasons = reasonsOf(cause);
  const [reason = 'no reason given'] = reasons;
  const fault = finalFaults.find(([pattern]) => reasons.some((one) => pattern.test(one)));
  if (fault) {
    const message = `no Tidings server answered at ${url} (${reason}): ${fault[1]}. Nothing was sent`;
    const error = new TidingsError('unreachable', message, { cause, retryable: false });
    return { error, again: false, retryAfterMs: 0, maybeDone: false };
  }
  const error = new TidingsError(
    'unreachable',
    `no Tidings server answered at ${url} (${reason}): check that it runs ("tidings dev" or "tidings serve") and that TIDINGS_URL names it`,
    { cause },
  );
  const isCertain = reasons.some((one) => beforeSending.test(one)) || failedToConnect(cause);
  return { error, again: true, retryAfterMs: 0, maybeDone: !isCertain };
}

interface Reason {
  code?: unknown;
  name?: unknown;
  message?: unknown;
  cause?: unknown;
  syscall?: unknown;
  errors?: unknown;
}

const isReason = (value: unknown): value is Reason => typeof value === 'object' && value !== null;

/** The reasons of a failed fetch, the most exact first: codes, then messages and names, the innermost before the outer. */
function reasonsOf(error: unknown): string[] {
  const chain: Reason[] = [];
  for (let one: unknown = error; isReason(one) && chain.length < 5; one = one.cause) chain.unshift(one);
  const codes = chain.map(({ code }) => code);
  const messages = chain.map(({ message }) => message);
  const names = chain.map(({ name }) => name).filter((name) => name !== 'Error' && name !== 'TypeError');
  const all = [...codes, ...messages, ...names].filter((word) => typeof word === 'string' && word !== '');
  return all.length > 0 ? (all as string[]) : [reasonOf(error)];
}

/** True if each try of the system to connect, or to find the address, failed. */
function failedToConnect(error: unknown): boolean {
  if (!isReason(error)) return false;
  if (error.syscall === 'connect' || error.syscall === 'getaddrinfo') return true;
  if (Array.isArray(error.errors) && error.errors.length > 0) return error.errors.every(failedToConnect);
  return failedToConnect(error.cause);
}
