/** Calls something of the application's, and hands over the error with which it throws or rejects: nobody else is disturbed. */
export async function guard(call: () => unknown, failed: (error: unknown) => void = () => {}): Promise<void> {
  try {
    await call();
  } catch (error) {
    failed(error);
  }
}
