import type { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it as it is where nobody would see colours. */
export type Paint = (style: Style, text: string) => string;

const width = 16;

/** The columns that a bar takes. */
export const barColumns = width + 6;

/** `████████░░░░░░░░  50 %`. */
export function bar(percent: number, paint: Paint): string {
  const share = Math.min(100, Math.max(0, percent || 0));
  const full = Math.round((width * share) / 100);
  return `${paint('green', '█'.repeat(full))}${paint('gray', '░'.repeat(width - full))} ${String(Math.round(share)).padStart(3)} %`;
}
