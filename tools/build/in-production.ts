/**
 * Builds as for people, whoever asks for it: a test runner says in the environment that it tests, and libraries would
 * bring their checks for developers into the page, an eighth of it.
 */
export async function inProduction<T>(build: () => Promise<T>): Promise<T> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    return await build();
  } finally {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
