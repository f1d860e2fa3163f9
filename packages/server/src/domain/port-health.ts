/** How a port is now; with the reason, in words for who runs the server, where it is not well. */
export interface PortHealth {
  ok: boolean;
  reason: string | null;
}
