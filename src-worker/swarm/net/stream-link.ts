import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface';
import { MAX_UNREAD_BYTES } from '../limits.ts';
import { drained } from './drained.ts';
import { Incoming } from './incoming.ts';
import type { PeerLink } from './link.ts';

/** How many bytes have passed; shared by all links of a node. */
export interface ByteCount {
  sentBytes: number;
  receivedBytes: number;
}

/** A libp2p stream as a link, with back pressure both ways. */
export function streamLink(stream: Stream, count: ByteCount): PeerLink {
  const incoming = new Incoming({
    pause: () => quietly(() => stream.pause()),
    resume: () => quietly(() => stream.resume()),
  });
  stream.maxReadBufferLength = MAX_UNREAD_BYTES;
  // 'end' comes after the last byte was handed out; 'close' may come before it.
  stream.addEventListener('end', () => incoming.end(null));
  stream.addEventListener('close', (event: StreamCloseEvent) => {
    if (event.error) incoming.end(event.error);
  });
  stream.addEventListener('message', (event: StreamMessageEvent) => {
    count.receivedBytes += event.data.byteLength;
    // Pieces as they are: joined they would all be copied once more.
    for (const bytes of event.data instanceof Uint8Array ? [event.data] : event.data) incoming.push(bytes);
  });
  return {
    incoming,
    async send(bytes) {
      count.sentBytes += bytes.length;
      if (!stream.send(bytes)) await drained(stream);
    },
    async close() {
      await stream.close().catch(() => {});
    },
    abort: () => stream.abort(new Error('link ended')),
  };
}

// A stream that has just ended refuses to be paused or resumed; its end is told by its own event.
function quietly(act: () => void): void {
  try {
    act();
  } catch {}
}
