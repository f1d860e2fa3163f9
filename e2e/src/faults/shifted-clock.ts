/** Moves the clock of this process by an hour: forward by SIGUSR2, and back by the next. What counts time between two moments goes on, as where the machine's clock is set. */
const real = Date;
const hour = 3_600_000;
let shift = 0;

class ShiftedDate extends real {
  constructor(...args: unknown[]) {
    super(...((args.length > 0 ? args : [ShiftedDate.now()]) as [number]));
  }

  static override now(): number {
    return real.now() + shift;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
process.on('SIGUSR2', () => {
  shift = shift === 0 ? hour : 0;
});
