import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Loaded before a program: writes the address of each file that it and its threads load to a list, a line each. */
const list = process.env.LOADED_FILES as string;

registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) appendFileSync(list, `${url}\n`);
    return next(url, context);
  },
});
