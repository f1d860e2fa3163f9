/** Loaded into the process that is attacked: says on its output when somebody has changed what all objects inherit. */
const shared = [Object.prototype, Array.prototype, Function.prototype, String.prototype];
const membersOf = (): string => shared.map((prototype) => Reflect.ownKeys(prototype).map(String).join()).join(';');
const before = membersOf();

function look(): void {
  if (membersOf() !== before) console.error('Warning: a prototype was polluted');
}

setInterval(look, 100).unref();
process.once('exit', look);
