import { REDUCE_HEARTBEAT_MS } from '../limits.ts';
import type { PeerLink } from '../net/link.ts';
import { encodeFrame, frameTypes } from './frames.ts';

/**
 * Shows life on a stream on which nothing can be said yet: our host may be late without our process being dead, and
 * the peer must be able to tell these apart.
 * @returns a function that ends it
 */
export function keepAlive(link: PeerLink, tag: number): () => void {
  const beat = setInterval(() => {
    link.send(encodeFrame({ type: frameTypes.heartbeat, tag })).catch(() => clearInterval(beat));
  }, REDUCE_HEARTBEAT_MS);
  return () => clearInterval(beat);
}
