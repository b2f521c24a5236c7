/**
 * Sends values one at a time: of those that are wanted while one is on its way, the newest alone follows.
 * @returns what takes a value, and resolves with the answer to the newest as soon as none is left
 */
export function newestOnly<T, A>(send: (value: T) => Promise<A>): (value: T) => Promise<A> {
  let wanted: T;
  let sending: Promise<A> | null = null;
  async function sendAll(): Promise<A> {
    try {
      for (;;) {
        const value = wanted;
        const answer = await send(value);
        if (value === wanted) return answer;
      }
    } finally {
      sending = null;
    }
  }
  return (value) => {
    wanted = value;
    sending ??= sendAll();
    return sending;
  };
}
