import type { MessageStream } from '@libp2p/interface';

/**
 * Resolves when a stream that is full takes more. libp2p's own `onDrain` waits for the first time only: what it hands out
 * stays resolved from then on (@libp2p/utils 7.4.1), and whoever goes by it fills the memory with what a slow line has not
 * taken.
 * @throws {Error} when the stream ends before
 */
export async function drained(stream: MessageStream): Promise<void> {
  while (stream.writableNeedsDrain) {
    if (stream.status !== 'open' && stream.status !== 'closing') throw new Error('the stream is gone');
    await nextDrain(stream);
  }
}

/** What waits in the stream has gone on by then, and it may be full again. */
function nextDrain(stream: MessageStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = () => {
      stream.removeEventListener('drain', onDrain);
      stream.removeEventListener('close', onClose);
    };
    const onDrain = () => {
      off();
      resolve();
    };
    const onClose = () => {
      off();
      reject(new Error('the stream is gone'));
    };
    stream.addEventListener('drain', onDrain);
    stream.addEventListener('close', onClose);
  });
}
