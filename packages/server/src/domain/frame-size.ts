/** No frame is larger, bytes: what would be comes truncated. Far below what common clients take (Python's `websockets`: 1 MiB). */
export const largestFrame = 1_000_000;
