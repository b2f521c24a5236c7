import { tierBytesOf } from '../../src-shared/codec/tier-bytes.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { chunkGrid } from '../../src-shared/reduce/chunks.ts';
import { genesisId } from '../../src-shared/rounds/ids.ts';
import type { CommittedBase } from '../../src-shared/rounds/lineage.ts';
import { schemaHashOf } from '../../src-shared/rounds/roster.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { beginning } from './beginning.ts';
import { type Journal, openJournal } from './journal.ts';
import type { MachineSetup, MachineState } from './round-state.ts';

export interface RoundsStart {
  readonly journal: Journal;
  readonly genesis: CommittedBase;
  readonly setup: MachineSetup;
  readonly state: MachineState;
}

export interface StartRequest {
  readonly train: ChildClient<TrainContract>;
  readonly consensus: Consensus;
  readonly profileHash: Hex;
  readonly hotkey: Ss58;
  readonly role: 'miner' | 'validator';
  readonly isJudged: boolean;
  readonly isActive: boolean;
  /** Holds the journal. */
  readonly folder: string;
  /** A file of the journal was damaged. */
  told(error: CodedError): void;
}

/** What rounds begin with: the journal of the process before, the run's first base, the machine's first state. */
export async function readStart(request: StartRequest): Promise<RoundsStart> {
  const { train, consensus, hotkey, role, isJudged, isActive } = request;
  const journal = await openJournal(request.folder, request.told);
  const genesis = await firstBase(request, journal);
  const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
  const setup: MachineSetup = {
    consensus,
    hotkey,
    role,
    isJudged,
    schemaHash: schemaHashOf(consensus.model),
    chunks: grid.chunks,
    tierBytes: tierBytesOf(consensus),
  };
  const { standing } = train.ready;
  const { pending, record } = journal;
  const state = beginning(setup, { standing, pending, record, isActive });
  return { journal, genesis, setup, state };
}

/** The run's first base: known for sure while `train` still stands on it, and from then on from the journal. */
async function firstBase(
  { train, profileHash }: Pick<StartRequest, 'train' | 'profileHash'>,
  journal: Journal,
): Promise<CommittedBase> {
  const { standing } = train.ready;
  if (standing.round === -1) await journal.saveGenesis({ id: standing.id, baseDigest: standing.baseDigest });
  if (journal.genesis) return { round: -1, ...journal.genesis };
  // The journal is gone and `train` has moved on: no list can be verified; loading finds no donor and says so.
  const { baseDigest } = standing;
  return { round: -1, id: genesisId(profileHash, baseDigest), baseDigest };
}
