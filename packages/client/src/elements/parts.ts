/** Loads the inbox, and the progress and buttons of a toast: as large as the rest of the elements, and seldom needed at once. */
export const loadInbox = (): Promise<typeof import('./inbox/part.ts')> => import('./inbox/part.ts');

/** Loads the display of tasks, which few pages have. */
export const loadTask = (): Promise<typeof import('./task/part.ts')> => import('./task/part.ts');

const loadRoom = () => import('./room/part.ts');
type Room = typeof import('./room/part.ts');

/** Loads what shows rooms, which few pages have. */
export const loadPresence = (): Promise<Room['presence']> => loadRoom().then(({ presence }) => presence);
export const loadActivity = (): Promise<Room['activity']> => loadRoom().then(({ activity }) => activity);

/** Loads what shows the system's health, which few people may see. */
export const loadHealth = (): Promise<typeof import('./health/part.ts')> => import('./health/part.ts');

const loadNews = () => import('./news/part.ts');
type News = typeof import('./news/part.ts');

/** Loads the part of toasts and files: with the connection, so that a page is there sooner. */
export const loadToasts = (): Promise<News['toasts']> => loadNews().then(({ toasts }) => toasts);
export const loadFiles = (): Promise<News['files']> => loadNews().then(({ files }) => files);
