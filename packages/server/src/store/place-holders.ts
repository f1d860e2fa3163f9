/** What stands in a statement where a value goes when it is run. */
export const text = '';
export const number = 0;
