import type { HostTold } from './told.ts';

/** The number of a round that was committed, of what a host tells. */
export const committedRound = (told: HostTold): number | undefined =>
  told.kind === 'settled' && told.outcome === 'committed' ? told.round : undefined;
