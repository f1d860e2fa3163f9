import { existsSync, readFileSync } from 'node:fs';

/** Resident memory of a process, bytes; 0 where the system does not tell it as Linux does. */
export function residentBytes(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return 0;
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(file, 'utf8'))?.[1] ?? 0) * 1024;
}
