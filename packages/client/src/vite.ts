/**
 * The server's address at build time, from `VITE_TIDINGS_URL`; undefined if it is not set. In a file of its own, since some bundlers,
 * such as React Native's, cannot parse `import.meta`.
 */
export function tidingsUrlFromEnv(): string | undefined {
  return (import.meta as { env?: { VITE_TIDINGS_URL?: string } }).env?.VITE_TIDINGS_URL || undefined;
}
