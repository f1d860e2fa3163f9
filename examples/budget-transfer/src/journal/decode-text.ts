import type { JournalProblem } from './journal.ts';

type DecodedText = { ok: true; text: string } | { ok: false; problem: JournalProblem };

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function undecodable(message: string): DecodedText {
  return { ok: false, problem: { line: 1, column: null, message } };
}

/** Bytes of an upload as text with `\n` line ends and no byte order mark; says so when they are no UTF-8 text. */
export function decodeText(input: Uint8Array | string): DecodedText {
  if (typeof input === 'string') return { ok: true, text: normalize(input) };
  if (startsWith(input, [0x50, 0x4b, 0x03, 0x04])) {
    return undecodable('expected a CSV file, got an Excel workbook or a zip archive; save it as "CSV UTF-8" first');
  }
  try {
    return { ok: true, text: normalize(new TextDecoder('utf-8', { fatal: true }).decode(input)) };
  } catch {
    return undecodable('expected UTF-8 text, got bytes in another encoding; save the file as "CSV UTF-8"');
  }
}

// The CSV parser counts a CRLF inside quotes as two lines, which would shift every line number after it.
function normalize(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}
