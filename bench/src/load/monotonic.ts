/** Microseconds on the system's monotonic clock, which all processes of a machine share. */
export const monotonicMicros = (): number => Number(process.hrtime.bigint() / 1000n);

/** This process's own user and system time, seconds. */
export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
