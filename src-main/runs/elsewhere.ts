import type { Ss58 } from '../../src-shared/units.ts';
import { ELSEWHERE_GONE_MS } from './limits.ts';
import type { Run } from './run.ts';

export interface ElsewhereEvents {
  /** A newer start of this hotkey speaks from that peer. */
  sighted(peerId: string): void;
  /** Nobody has named it for long. Rejects where this start could not take the word again: then it waits on. */
  gone(): Promise<void>;
}

/**
 * Watches for a newer start of the run's own hotkey. Peers name it whenever we knock, every half minute at most; it
 * counts as gone once nobody has for `ELSEWHERE_GONE_MS`. Only while the chain brings blocks: who is offline sees
 * nobody, and must not take the word from the other when its network is back.
 * @returns what ends the watch
 */
export function watchElsewhere(
  hotkey: Ss58,
  { swarm, chain }: { readonly swarm: Pick<Run['swarm'], 'on'>; readonly chain: Pick<Run['chain'], 'on'> },
  told: ElsewhereEvents,
): () => void {
  let sightedAtMs: number | null = null;
  const off = [
    swarm.on('peer', (peer) => {
      if (peer.hotkey !== hotkey || !peer.connected) return;
      sightedAtMs = performance.now();
      told.sighted(peer.peerId);
    }),
    chain.on('connection', () => {
      if (sightedAtMs !== null) sightedAtMs = performance.now();
    }),
    chain.on('finalized', () => {
      if (sightedAtMs === null || performance.now() - sightedAtMs < ELSEWHERE_GONE_MS) return;
      sightedAtMs = null;
      told.gone().catch(() => {
        sightedAtMs ??= performance.now();
      });
    }),
  ];
  return () => {
    for (const unsubscribe of off) unsubscribe();
  };
}
