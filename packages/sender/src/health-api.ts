import type { SystemHealth } from '@tidings/protocol';
import type { SenderPort } from './port.ts';

/** Functions for who operates the server. */
export interface HealthFunctions {
  /** Reads how every component of every node of the server is, and the incidents that there were. @throws TidingsError */
  systemHealth(): Promise<SystemHealth>;
}

export const healthApi = (port: SenderPort): HealthFunctions => ({
  systemHealth: async () => port.systemHealth(),
});
