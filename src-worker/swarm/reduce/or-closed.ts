/** What has just been opened does not stay open when the next step fails: nobody would hold it then. */
export async function orClosed<T>(opened: { close(): Promise<void> }, next: () => Promise<T>): Promise<T> {
  try {
    return await next();
  } catch (thrown) {
    // Whatever closing it fails of says less than why it is closed.
    await opened.close().catch(() => undefined);
    throw thrown;
  }
}
