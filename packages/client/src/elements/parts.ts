/** What shows the inbox, and what is alive of a toast: it weighs as much as the rest of the elements, and is seldom needed at once. */
export const loadInbox = (): Promise<typeof import('./inbox/part.ts')> => import('./inbox/part.ts');

/** What shows a task, which few pages have. */
export const loadTask = (): Promise<typeof import('./task/part.ts')> => import('./task/part.ts');

/** What shows files, which come seldom, and wait for a moment that suits anyway. */
export const loadFile = (): Promise<typeof import('./file/part.ts')> => import('./file/part.ts');
