import { onTestFinished } from 'vitest';

/** The warnings of this process from now until the test has ended. Each comes a turn after it was emitted. */
export function warningsFromNow(): Error[] {
  const warnings: Error[] = [];
  const warned = (warning: Error) => void warnings.push(warning);
  process.on('warning', warned);
  onTestFinished(() => void process.off('warning', warned));
  return warnings;
}
