import type { DeliveryBacklog } from '../../domain/deliveries.ts';
import type { Clock } from '../../domain/ports.ts';
import { judged, type Probe } from '../finding.ts';
import { slowProbe } from './slow-probe.ts';

/** Time for which a delivery that is due may wait, ms. */
const lateMs = 60_000;

/** Looks for deliveries that fail, and for those that nobody begins. */
export const outboundProbe = (store: DeliveryBacklog, clock: Pick<Clock, 'monotonic'>): Probe =>
  slowProbe(
    {
      component: 'outbound',
      async run() {
        const { failing, late } = await store.deliveryBacklog(lateMs);
        return judged([
          failing > 0
            ? {
                state: 'degraded',
                reason: `${failing} deliveries have failed and are tried again; the log names the receivers and says why (callback failed)`,
              }
            : null,
          late > 0
            ? {
                state: 'degraded',
                reason: `${late} deliveries have been due for ${lateMs / 1_000} s, and no node begins them; look whether the receivers answer slowly, and at the log`,
              }
            : null,
        ]);
      },
    },
    clock,
  );
