/**
 * The address a build was made with, from `VITE_TIDINGS_URL`; undefined if it is not set. In a file of its own, since what reads
 * `import.meta` is no script for bundlers that know none, as React Native's.
 */
export function tidingsUrlFromEnv(): string | undefined {
  return (import.meta as { env?: { VITE_TIDINGS_URL?: string } }).env?.VITE_TIDINGS_URL || undefined;
}
