import type { ChildClient, EventOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { PROGRESS_LOGGED_EVERY_MS } from './limits.ts';

type Progress = EventOf<SwarmContract, 'stateProgress'>;

/** How far a state is on its way here, in a line. */
export function progressLine({ receivedBytes, totalBytes, bytesPerSecond, peers, stores }: Progress): string {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  const from = `from ${peers} peers and ${stores} stores`;
  const far = `state: ${mb(receivedBytes)} of ${mb(totalBytes)} MB ${from}`;
  if (bytesPerSecond === null || bytesPerSecond === 0) return far;
  const leftS = Math.ceil((totalBytes - receivedBytes) / bytesPerSecond);
  return `${far}, ${mb(bytesPerSecond)} MB/s, ${leftS} s left`;
}

/**
 * Tells the log how far a state is, now and then and at its end, and who gave something wrong.
 * @returns a function that ends it
 */
export function logStates(
  swarm: Pick<ChildClient<SwarmContract>, 'on'>,
  log: (line: string) => void,
  elapsedMs: () => number,
): () => void {
  let saidAtMs = Number.NEGATIVE_INFINITY;
  const offProgress = swarm.on('stateProgress', (progress) => {
    const isLast = progress.receivedBytes === progress.totalBytes;
    if (!isLast && elapsedMs() - saidAtMs < PROGRESS_LOGGED_EVERY_MS) return;
    saidAtMs = elapsedMs();
    log(progressLine(progress));
  });
  const offLiar = swarm.on('stateLiar', ({ hotkey, what }) => log(`state: a wrong ${what} from ${hotkey}`));
  return () => {
    offProgress();
    offLiar();
  };
}
