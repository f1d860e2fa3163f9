import { documentReadOnly } from '@tidings/protocol';

/** A message of y-protocols that asks for what is not in a state vector (sync step 1). */
export function syncQuestion(vector: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = [0, 0];
  let length = vector.length;
  for (; length > 0x7f; length >>>= 7) head.push(0x80 | (length & 0x7f));
  return Uint8Array.from([...head, length, ...vector]);
}

/** True for a sync step 1 of the server. */
export const isQuestion = ([kind, step]: Uint8Array): boolean => kind === 0 && step === 0;
/** True for the answer to one (sync step 2). */
export const isAnswer = ([kind, step]: Uint8Array): boolean => kind === 0 && step === 1;

/** True for the message by which the server says that this user may not change the document. Its reason is short, so that its length is one byte. */
export const isRefusal = (message: Uint8Array): boolean =>
  message[0] === 2 && message[1] === 0 && new TextDecoder().decode(message.subarray(3)) === documentReadOnly;
