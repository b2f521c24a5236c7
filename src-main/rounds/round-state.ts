import type { CodecId } from '../../src-shared/codec/table.ts';
import type { RoundReason } from '../../src-shared/contract/page/runs.ts';
import type { ReduceReport } from '../../src-shared/contract/swarm.ts';
import type { Standing } from '../../src-shared/contract/train.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Ready, Receipt, ResultsName, ResultsVote, Roster } from '../../src-shared/rounds/messages.ts';
import type { NamedBase, Outcome } from '../../src-shared/rounds/outcome.ts';
import type { WitnessRecord } from '../../src-shared/rounds/record.ts';
import type { Rates } from '../../src-shared/scoring/bandwidth.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';

/** What never changes while the machine runs. */
export interface MachineSetup {
  readonly consensus: Consensus;
  readonly hotkey: Ss58;
  readonly role: 'miner' | 'validator';
  /** Whether a round waits for a judge once its outcome is known. */
  readonly isJudged: boolean;
  readonly schemaHash: Hex;
  /** Chunks of the model's fixed grid. */
  readonly chunks: number;
  /** Bytes of a whole contribution in each of the profile's tiers. */
  readonly tierBytes: ReadonlyMap<CodecId, number>;
}

/** Facts of a round as the state at its first block has them, and the base at the newest finalized block. */
export interface OpeningFacts {
  readonly blockHash: Hex;
  readonly witnesses: readonly Ss58[];
  readonly coldkeys: ReadonlyMap<Ss58, Ss58>;
  /** False in rounds that do not average because the chain's commitment space would not hold their records. */
  readonly averages: boolean;
  /** The current base as the chain names it. */
  readonly base: NamedBase;
  /** What stands in our own slot; null where nothing of this run does. */
  readonly ownRecord: WitnessRecord | null;
}

/** What `train` froze for a round. */
export interface FrozenWork {
  readonly codec: CodecId;
  readonly root: Hex;
  readonly norm: number;
  readonly sequences: number;
  readonly workDigest: Hex;
}

/** The base that this peer's own recomputation gives. */
export interface PreparedBase {
  readonly baseDigest: Hex;
  /** Of the results that it was computed from. */
  readonly resultsDigest: Hex;
  readonly resultId: Hex;
}

/** How far this peer has come in the round; it only moves forward. `resuming` is a round from the journal. */
export type RoundStep =
  | 'resuming'
  | 'opening'
  | 'working'
  | 'contributing'
  | 'ready'
  | 'reducing'
  | 'listing'
  | 'taking'
  | 'preparing'
  | 'prepared'
  | 'spectating'
  | 'reading-outcome'
  | 'judging'
  | 'settling';

/** How far a witness has looked at a round before it votes. */
export type AuditState = 'not-begun' | 'asked' | 'passed' | 'failed';

export interface OpenRound {
  readonly round: number;
  readonly outcomeBlock: number;
  readonly blockHash: Hex;
  readonly witnesses: readonly Ss58[];
  readonly coldkeys: ReadonlyMap<Ss58, Ss58>;
  readonly averages: boolean;
  readonly step: RoundStep;
  /** The median norm of the last roster, which caps the residue; null when unknown. */
  readonly medianNorm: number | null;
  /** Our own word that we are ready, as it was said. */
  readonly ready: Ready | null;
  readonly proposed: boolean;
  /** What other witnesses propose, the first of each. */
  readonly proposals: readonly Roster[];
  /** The roster that we signed, our own or another witness's. */
  readonly proposal: Roster | null;
  readonly roster: Roster | null;
  readonly rosterDigest: Hex | null;
  /** In the roster with the contribution that lies in our spool. */
  readonly drawn: boolean;
  /** The block in which the roster came; null before, and where a journal of before does not know it. */
  readonly rosterAtBlock: number | null;
  /** Of our exchange; once the results list is taken, by that list. */
  readonly report: ReduceReport | null;
  /** Lists of results of other witnesses that this one may sign, the first of each. */
  readonly listProposals: readonly ResultsVote[];
  /** Our own list is being written down. */
  readonly isComposing: boolean;
  /** The list that we signed, our own or another witness's: there is never a second one. */
  readonly signedResults: ResultsVote | null;
  /** Of the list that more than half of the witnesses signed. */
  readonly resultsDigest: Hex | null;
  /** The average of what that list names lies in the spool. */
  readonly isTaken: boolean;
  readonly prepared: PreparedBase | null;
  /** How far this witness has looked at the results; others do not. */
  readonly audit: AuditState;
  /** What it drew, and how many of those are wrong; null before, and where nothing could be looked at. */
  readonly auditSeen: { readonly drawn: number; readonly wrong: number } | null;
  /** Result id by reporting member. */
  readonly results: ReadonlyMap<Ss58, Hex>;
  /** Why we take no part in it; null while we do. */
  readonly missed: RoundReason | null;
  /** The result id of the record we wrote, or were about to. */
  readonly recorded: Hex | null;
  /** What the outcome turned out to be, once read. */
  readonly outcome: Outcome | { readonly kind: 'unknown' } | null;
}

/** What a restart must know of a round in progress; kept in the journal. */
export interface PendingRound {
  readonly round: number;
  readonly outcomeBlock: number;
  readonly blockHash: Hex;
  readonly witnesses: readonly Ss58[];
  readonly coldkeys: readonly (readonly [Ss58, Ss58])[];
  readonly averages: boolean;
  readonly medianNorm: number | null;
  readonly ready: Ready | null;
  /** A roster of this round was signed here, or was about to be: there is never a second one. */
  readonly proposed: boolean;
  readonly proposal: Roster | null;
  readonly roster: Roster | null;
  readonly drawn: boolean;
  readonly rosterDigest: Hex | null;
  readonly rosterAtBlock: number | null;
  readonly report: ReduceReport | null;
  /** A list of results of this round was signed here, or was about to be. */
  readonly signedResults: ResultsVote | null;
  readonly resultsDigest: Hex | null;
  readonly isTaken: boolean;
  readonly prepared: PreparedBase | null;
}

export interface JournaledRecord {
  readonly round: number;
  readonly parentId: Hex;
  readonly resultId: Hex;
  /** The last block in which it may stand. */
  readonly outcomeBlock: number;
}

/** What this peer writes into its own slot: a vote, or without result who it takes for the base. */
export interface OwnRecord {
  readonly round: number;
  readonly parentId: Hex;
  readonly resultId: Hex | null;
  /** The last block in which it may be included. */
  readonly lastBlock: number;
}

export interface MachineState {
  readonly standing: Standing;
  readonly start: number | null;
  readonly finalized: number | null;
  readonly finalizedAtMs: number | null;
  readonly stalledForMs: number | null;
  readonly peers: ReadonlySet<Ss58>;
  /** Readies of the current round and those ahead, newest word of each hotkey. */
  readonly readies: ReadonlyMap<Ss58, Ready>;
  /** What else was said of the same round by who contradicts itself. */
  readonly alsoSaid: readonly Ready[];
  readonly current: OpenRound | null;
  /** The round whose facts are being read. */
  readonly asking: number | null;
  /** The newest round that was opened, or passed over because it was too late for it. */
  readonly passed: number;
  readonly loading: Hex | null;
  /** Why the last load came to nothing; null while none failed. */
  readonly loadFault: ErrorCode | null;
  /** The chain does not name the base, and we have none of our own to go on with. */
  readonly baseUnknown: boolean;
  readonly medianNorm: number | null;
  readonly failedChecks: ReadonlySet<Ss58>;
  /** Whose contributions do harm, as looks at them showed. */
  readonly harmful: ReadonlySet<Ss58>;
  /** Who was proven to have signed a wrong result: out for the rest of the run. */
  readonly frauds: ReadonlySet<Ss58>;
  /** Who signed results of that round and did not show what it had put into them: without weight in the next one. */
  readonly withheld: { readonly round: number; readonly hotkeys: ReadonlySet<Ss58> } | null;
  /** Members of whom nothing was taken when they were last listed. */
  readonly silent: ReadonlySet<Ss58>;
  /** What was moved in the last rounds, the newest first, and what it shows of each link. */
  readonly moved: readonly { readonly round: number; readonly receipts: readonly Receipt[] }[];
  readonly rates: ReadonlyMap<Ss58, Rates>;
  /** Of our last contribution. */
  readonly tier: CodecId;
  /** Our record until it is final or its last block has come. */
  readonly outgoing: { readonly record: OwnRecord; readonly isOnItsWay: boolean } | null;
  readonly lastSkipped: boolean;
  /** Training may run, and the newest round in which it had to rest. */
  readonly isActive: boolean;
  readonly restedIn: number | null;
  /** A newer start of this hotkey speaks elsewhere: nothing is said, proposed or written here until it is gone. */
  readonly isBlocked: boolean;
  /** A round whose results match their signatures and yet gave us another base than the committed one. */
  readonly differing: { readonly round: number } | null;
}

export type RoundInput =
  | { readonly kind: 'finalized'; readonly block: number; readonly atMs: number }
  | { readonly kind: 'tick'; readonly nowMs: number; readonly headBlock: number | null }
  | { readonly kind: 'start'; readonly block: number }
  | { readonly kind: 'facts'; readonly round: number; readonly facts: OpeningFacts }
  | { readonly kind: 'opened'; readonly round: number }
  | { readonly kind: 'contributed'; readonly round: number; readonly contribution: FrozenWork }
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'peer'; readonly hotkey: Ss58; readonly connected: boolean }
  | { readonly kind: 'roster'; readonly roster: Roster; readonly rosterDigest: Hex }
  /** Another witness proposes this. */
  | { readonly kind: 'proposal'; readonly roster: Roster }
  | { readonly kind: 'receipts'; readonly round: number; readonly receipts: readonly Receipt[] }
  | { readonly kind: 'reduced'; readonly round: number; readonly report: ReduceReport }
  /** Our own list of results is written down; null where it would break the rules. */
  | { readonly kind: 'resultsComposed'; readonly round: number; readonly resultsDigest: Hex | null }
  /** Another witness proposes this list, and all of it is held and checked here. */
  | { readonly kind: 'resultsProposal'; readonly vote: ResultsVote }
  /** More than half of the witnesses signed this list. */
  | { readonly kind: 'resultsList'; readonly name: ResultsName }
  | { readonly kind: 'resultsTaken'; readonly round: number; readonly report: ReduceReport }
  | { readonly kind: 'prepared'; readonly round: number; readonly prepared: PreparedBase }
  | { readonly kind: 'result'; readonly hotkey: Ss58; readonly round: number; readonly resultId: Hex }
  | {
      readonly kind: 'outcome';
      readonly round: number;
      readonly outcome: Outcome | { readonly kind: 'unknown' };
    }
  /** What became of sending; done where nothing is left to try. */
  | { readonly kind: 'recordSent'; readonly record: OwnRecord; readonly isDone: boolean }
  /** Whether the results stood the audit; later: no block came yet by which to draw. */
  | {
      readonly kind: 'audited';
      readonly round: number;
      readonly verdict: 'passed' | 'failed' | 'later';
      readonly withheld: readonly Ss58[];
      readonly seen?: OpenRound['auditSeen'];
    }
  /** A proof that it lied was upheld here. */
  | { readonly kind: 'fraud'; readonly hotkey: Ss58; readonly round: number }
  | { readonly kind: 'judged'; readonly round: number }
  | { readonly kind: 'settled'; readonly round: number; readonly standing: Standing }
  | { readonly kind: 'adopted'; readonly standing: Standing }
  | { readonly kind: 'active'; readonly isActive: boolean }
  | { readonly kind: 'blocked'; readonly isBlocked: boolean }
  | { readonly kind: 'checked'; readonly hotkey: Ss58; readonly passed: boolean }
  | { readonly kind: 'harmful'; readonly hotkeys: ReadonlySet<Ss58> }
  | { readonly kind: 'trainRestarted'; readonly standing: Standing }
  | { readonly kind: 'swarmRestarted' }
  | { readonly kind: 'failed'; readonly command: RoundCommand['kind']; readonly code: ErrorCode };

export type RoundCommand =
  | {
      readonly kind: 'readFacts';
      readonly round: number;
      readonly start: number;
      /** Whose own record is looked at. */
      readonly writer: Ss58 | null;
    }
  | { readonly kind: 'openRound'; readonly round: number; readonly blockHash: Hex }
  /** What pairs signed about a round that is over. */
  | { readonly kind: 'readReceipts'; readonly round: number }
  | {
      readonly kind: 'contribute';
      readonly round: number;
      readonly codec: CodecId;
      readonly medianNorm: number | null;
    }
  /** Our work record is there for who checks it. */
  | { readonly kind: 'offerWork'; readonly round: number }
  | { readonly kind: 'announceReady'; readonly ready: Ready }
  /** Signs it, whoever proposed it. */
  | { readonly kind: 'proposeRoster'; readonly roster: Roster }
  | {
      readonly kind: 'reduce';
      readonly round: number;
      readonly roster: Roster;
      readonly rosterDigest: Hex;
      readonly blockHash: Hex;
      /** Final blocks since the roster came. */
      readonly rosterAgoBlocks: number;
    }
  /** Writes down the list of what is held here. */
  | { readonly kind: 'composeResults'; readonly round: number; readonly rosterDigest: Hex }
  /** Signs it, whoever proposed it. */
  | { readonly kind: 'signResults'; readonly vote: ResultsVote }
  /** Makes the average of what the list names. */
  | { readonly kind: 'takeResults'; readonly name: ResultsName }
  | { readonly kind: 'prepare'; readonly round: number; readonly rosterDigest: Hex }
  | {
      readonly kind: 'announceResult';
      readonly round: number;
      readonly resultId: Hex;
      readonly baseDigest: Hex;
    }
  /** As witness, before the vote: looks at random chunks from what went into them on. */
  | {
      readonly kind: 'audit';
      readonly round: number;
      readonly rosterDigest: Hex;
      readonly outcomeBlock: number;
    }
  /** A vote is synced to the journal first; what stands there for that round already wins. */
  | { readonly kind: 'writeRecord'; readonly record: OwnRecord }
  /** Synced before any command behind it runs; null once the round is settled. */
  | { readonly kind: 'persist'; readonly pending: PendingRound | null }
  | { readonly kind: 'readOutcome'; readonly round: number; readonly outcomeBlock: number }
  /** Answered by `judged` once the judge is done, or its time is over: `train` moves to the next base after that. */
  | { readonly kind: 'judge'; readonly round: JudgedRound }
  | {
      readonly kind: 'settle';
      readonly round: number;
      readonly outcome: 'committed' | 'void' | 'unknown';
      readonly resultId: Hex | null;
      readonly drawn: boolean;
      /** Of the round's roster; null when there was none. */
      readonly medianNorm: number | null;
      readonly rosterDigest: Hex | null;
      readonly resultsDigest: Hex | null;
    }
  | {
      readonly kind: 'loadState';
      readonly id: Hex;
      readonly donors: readonly Ss58[];
      readonly standing: Standing;
    }
  | { readonly kind: 'conclude'; readonly round: OpenRound; readonly readies: readonly Ready[] };

export interface Step {
  readonly state: MachineState;
  readonly commands: readonly RoundCommand[];
}

export function pendingOf(current: OpenRound): PendingRound {
  const { round, outcomeBlock, blockHash, witnesses, averages, medianNorm } = current;
  const { ready, proposed, proposal, roster, drawn, rosterDigest, rosterAtBlock, report, prepared } = current;
  const { signedResults, resultsDigest, isTaken } = current;
  const facts = { round, outcomeBlock, blockHash, witnesses, coldkeys: [...current.coldkeys], averages };
  const agreed = { roster, drawn, rosterDigest, rosterAtBlock };
  const results = { report, signedResults, resultsDigest, isTaken };
  return { ...facts, medianNorm, ready, proposed, proposal, ...agreed, ...results, prepared };
}

/** A round as those who judge it need it. */
export function judgedRound(current: OpenRound, readies: readonly Ready[]): JudgedRound {
  const { outcome, round, blockHash, outcomeBlock, witnesses, roster, report } = current;
  const committed = outcome?.kind === 'committed';
  return { round, blockHash, outcomeBlock, witnesses, roster, readies, report, committed };
}

export const readiesOf = (state: MachineState, round: number): readonly Ready[] =>
  [...state.readies.values()].filter((ready) => ready.round === round);

export const recordOf = ({ outcomeBlock, ...vote }: JournaledRecord): OwnRecord => ({
  ...vote,
  lastBlock: outcomeBlock,
});

export const still = (state: MachineState): Step => ({ state, commands: [] });

export const withCurrent = (state: MachineState, current: OpenRound): MachineState => ({ ...state, current });
