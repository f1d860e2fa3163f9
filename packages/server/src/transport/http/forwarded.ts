import type { FastifyRequest } from 'fastify';

/** Whether the caller came by TLS, here or at a proxy before this server. */
export const isSecure = (request: FastifyRequest): boolean =>
  request.protocol === 'https' || request.headers['x-forwarded-proto'] === 'https';
