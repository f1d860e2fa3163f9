/** The health of a port. If it is not well, the reason is a sentence for the operator. */
export interface PortHealth {
  ok: boolean;
  reason: string | null;
}
