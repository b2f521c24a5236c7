import type { ChunkCoder } from '../../../src-shared/codec/chunk-coder.ts';
import type { CallHandlers } from '../../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../../src-shared/contract/swarm.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { stateExtents } from '../../../src-shared/published/extents.ts';
import type { ChunkGrid } from '../../../src-shared/reduce/chunks.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import type { Emit } from '../emit.ts';
import type { Dht } from '../mesh/sources/dht/dht.ts';
import type { Network } from '../net/link.ts';
import type { Butterfly } from '../reduce/butterfly.ts';
import type { Lists } from '../reduce/lists.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { checkState } from './check.ts';
import { StateDonor } from './donate.ts';
import { Follower } from './follow.ts';
import type { KeptRounds } from './kept-rounds.ts';
import { fetchLineage } from './lineage.ts';
import type { Patience } from './patience.ts';
import { StateReceiver } from './receive.ts';
import type { StateProgress } from './telling.ts';

export type DonorRecords = Pick<Dht, 'provide' | 'findDonors'>;

interface StatesInit {
  readonly network: Network;
  readonly disk: SpoolDisk;
  readonly grid: ChunkGrid;
  readonly consensus: Consensus;
  readonly spoolDir: string;
  readonly coder: ChunkCoder;
  readonly lists: Lists;
  readonly butterfly: Butterfly;
  readonly kept: KeptRounds;
  /** Where donors are told and found; null for a node that is alone on its machine. */
  readonly dht: DonorRecords | null;
  readonly emit: Emit;
  /** With whom is looked at now. */
  patience(): Patience;
}

type StateCall =
  | 'offerState'
  | 'checkState'
  | 'fetchLineage'
  | 'fetchState'
  | 'fetchAverage'
  | 'takenChunks'
  | 'giveManifest'
  | 'claimExtent'
  | 'giveExtent'
  | 'dropExtent'
  | 'closeStores';

/** What gives states and averages, and the two ways to the committed base: a whole state, or one round's average. */
export function composeStates({ network, consensus, butterfly, kept, dht, emit, ...init }: StatesInit) {
  const { pieceBytes } = consensus.codec;
  const shared = {
    ...{ network, disk: init.disk, liars: new Set<Ss58>() },
    onProgress: (progress: StateProgress) => emit('stateProgress', progress),
    onLiar: (hotkey: Ss58, what: 'manifest' | 'piece') => emit('stateLiar', { hotkey, what }),
  };
  const seek = async (baseDigest: Hex, signal: AbortSignal) => {
    await dht?.findDonors(baseDigest, signal);
  };
  const donor = new StateDonor(network, pieceBytes, kept);
  const states = new StateReceiver({ ...shared, pieceBytes, extents: stateExtents(consensus.model), seek });
  const follower = new Follower({
    ...{ ...init, ...shared, kept },
    release: (rosterDigest) => butterfly.release(rosterDigest),
  });
  const handlers: Pick<CallHandlers<SwarmContract>, StateCall> = {
    async offerState(offer) {
      await donor.offer(offer);
      void dht?.provide(offer.baseDigest).catch(() => {});
      return undefined;
    },
    checkState: (asked, signal) => checkState({ network, donor, patience: init.patience() }, asked, signal),
    fetchLineage: ({ hotkey: of }, signal) => fetchLineage(network, of, signal),
    fetchState: (wanted, signal) => states.fetch(wanted, signal),
    fetchAverage: (named, signal) => follower.follow(named, signal),
    takenChunks: async (named, signal) => ({ taken: await follower.taken(named, signal) }),
    giveManifest: async ({ baseDigest, path }) => ({ isRight: await states.giveManifest(baseDigest, path) }),
    claimExtent: ({ baseDigest, store }) => states.claim(baseDigest, store),
    giveExtent: async ({ baseDigest, store, extent, path }) => ({
      isRight: await states.give(baseDigest, store, extent, path),
    }),
    async dropExtent({ baseDigest, store, extent }) {
      await states.drop(baseDigest, store, extent);
      return undefined;
    },
    async closeStores({ baseDigest }) {
      await states.closeStores(baseDigest);
      return undefined;
    },
  };
  return { giving: donor.giving, handlers, stop: () => donor.stop() };
}
