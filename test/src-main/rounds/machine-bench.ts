import { beginning } from '../../../src-main/rounds/beginning.ts';
import { step } from '../../../src-main/rounds/round-machine.ts';
import type {
  JournaledRecord,
  MachineSetup,
  MachineState,
  OpeningFacts,
  PendingRound,
  RoundCommand,
  RoundInput,
} from '../../../src-main/rounds/round-state.ts';
import { type CodecId, valueCodecs } from '../../../src-shared/codec/table.ts';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../../src-shared/profile/shipped.ts';
import type { Ready, Roster } from '../../../src-shared/rounds/messages.ts';
import { composeRoster } from '../../../src-shared/rounds/roster.ts';
import { rosterDigest } from '../../../src-shared/rounds/signed.ts';
import { type Hex, hex, type Ss58, ss58 } from '../../../src-shared/units.ts';

/** Plays a round machine by hand: no process, no clock. Start is block 100; round r runs from 100 + 20 r. */
export const START = 100;
/** Shaped like an address: 48 characters of the base58 alphabet. */
export const addressOf = (name: string): Ss58 => ss58(`5${name}`.padEnd(48, 'x'));
export const witness = addressOf('witness');
export const miners = ['anna', 'bob', 'carmen', 'dave'].map(addressOf);
export const digestOf = (name: string): Hex =>
  hex(Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64));
export const genesis = digestOf('genesis');
/** Offsets of a clock of their own, which all these tests count by. */
const { consensus: practice } = practiceProfile({
  witness,
  ownerColdkey: addressOf('owner'),
  endpoint: 'ws://127.0.0.1:1',
  bootstrap: [],
});
export const consensus: Consensus = {
  ...practice,
  clock: { ...practice.clock, ready: 12, roster: 13, outcome: 17 },
};
const CHUNKS = 20;
export const ELEMENTS = CHUNKS * consensus.codec.chunkElements;
const schemaHash = digestOf('schema');

export const standingOn = (id: Hex, round: number) => ({
  round,
  id,
  baseDigest: digestOf(`base ${id}`),
  state: { path: `state-${round}`, sizeBytes: 8, baseDigest: digestOf(`base ${id}`) },
});

export const facts = (base: Hex | null = null, over: Partial<OpeningFacts> = {}): OpeningFacts => ({
  blockHash: digestOf('block'),
  witnesses: [witness],
  coldkeys: new Map(
    [witness, ...miners].map((hotkey): [Ss58, Ss58] => [hotkey, ss58(hotkey.replace('5', '6'))]),
  ),
  averages: true,
  base: base === null ? { kind: 'first' } : { kind: 'committed', id: base },
  ownRecord: null,
  ...over,
});

export const readyOf = (hotkey: Ss58, round = 0, baseId = genesis): Ready => ({
  round,
  hotkey,
  baseId,
  schemaHash,
  codec: 'fp16',
  upBytesPerS: 0,
  downBytesPerS: 0,
  weight: hotkey === witness ? 0 : 20,
  norm: hotkey === witness ? 0 : 1,
  root: hotkey === witness ? hex('0'.repeat(64)) : digestOf(`root ${hotkey}`),
  workDigest: hotkey === witness ? hex('0'.repeat(64)) : digestOf(`work ${hotkey}`),
  sequences: hotkey === witness ? 0 : 20,
});

export function rosterOf(listed: readonly Ss58[] = miners, round = 0, baseId = genesis): Roster {
  return composeRoster(consensus, {
    round,
    baseId,
    schemaHash,
    blockHash: digestOf('block'),
    proposer: witness,
    chunks: CHUNKS,
    readies: [witness, ...listed].map((hotkey) => readyOf(hotkey, round, baseId)),
    witnesses: [witness],
    coldkeys: facts().coldkeys,
    failedChecks: new Set(),
    silent: new Set(),
    rates: new Map(),
  })!;
}

export const report = (elementsShare: number, missing = 0): ReduceReport => ({
  round: 0,
  durationMs: 1,
  bytesSent: 1,
  bytesReceived: 1,
  elementsShare,
  chunks: CHUNKS,
  chunksWithResult: CHUNKS - missing,
  members: [],
});

/** A round as the journal has it. */
export const pendingRound = (over: Partial<PendingRound> = {}): PendingRound => ({
  round: 0,
  outcomeBlock: START + 17,
  blockHash: digestOf('block'),
  witnesses: [witness],
  coldkeys: [...facts().coldkeys],
  averages: true,
  medianNorm: null,
  ready: null,
  proposed: false,
  proposal: null,
  roster: null,
  drawn: false,
  rosterDigest: null,
  rosterAtBlock: null,
  signedResults: null,
  resultsDigest: null,
  isTaken: false,
  report: null,
  prepared: null,
  ...over,
});

export interface Bench {
  readonly setup: MachineSetup;
  readonly state: MachineState;
  /** Feeds an input and returns the commands it led to. */
  feed(input: RoundInput): readonly RoundCommand[];
  block(number: number): readonly RoundCommand[];
  /** Everything up to the step named, in round 0. */
  toReady(): void;
  toRoster(listed?: readonly Ss58[]): Hex;
  /** The list of results is agreed. */
  toListed(): readonly RoundCommand[];
  toPrepared(resultId: Hex): void;
}

export function bench(
  hotkey: Ss58,
  from: {
    readonly pending?: PendingRound;
    readonly record?: JournaledRecord;
    readonly standing?: ReturnType<typeof standingOn>;
    readonly isJudged?: boolean;
    readonly tiers?: readonly CodecId[];
  } = {},
): Bench {
  const { tiers = consensus.codec.tiers } = from;
  const setup: MachineSetup = {
    consensus: { ...consensus, codec: { ...consensus.codec, tiers: [...tiers] } },
    hotkey,
    role: hotkey === witness ? 'validator' : 'miner',
    isJudged: from.isJudged ?? false,
    schemaHash,
    chunks: CHUNKS,
    tierBytes: new Map(tiers.map((tier) => [tier, valueCodecs[tier].bytes(ELEMENTS)])),
  };
  let state = beginning(setup, {
    standing: from.standing ?? standingOn(genesis, -1),
    pending: from.pending ?? null,
    record: from.record ?? null,
    isActive: true,
  });
  const feed = (input: RoundInput): readonly RoundCommand[] => {
    const next = step(setup, state, input);
    state = next.state;
    return next.commands;
  };
  const block = (number: number) => feed({ kind: 'finalized', block: number, atMs: number * 1_000 });
  feed({ kind: 'start', block: START });
  const own = readyOf(hotkey);
  const at: Bench = {
    setup,
    get state() {
      return state;
    },
    feed,
    block,
    toReady() {
      block(START);
      feed({ kind: 'facts', round: 0, facts: facts() });
      feed({ kind: 'opened', round: 0 });
      block(START + 12);
      if (hotkey !== witness) feed({ kind: 'contributed', round: 0, contribution: own });
    },
    toRoster(listed = miners) {
      at.toReady();
      const roster = rosterOf(listed);
      const digest = rosterDigest(roster);
      block(START + 13);
      feed({ kind: 'roster', roster, rosterDigest: digest });
      return digest;
    },
    toListed() {
      const rosterDigest = at.toRoster();
      feed({ kind: 'reduced', round: 0, report: report(1) });
      const name = { round: 0, rosterDigest, resultsDigest: digestOf('results') };
      return feed({ kind: 'resultsList', name });
    },
    toPrepared(resultId) {
      at.toListed();
      feed({ kind: 'resultsTaken', round: 0, report: report(1) });
      feed({
        kind: 'prepared',
        round: 0,
        prepared: { baseDigest: digestOf('base'), resultsDigest: digestOf('results'), resultId },
      });
      if (hotkey === witness) feed({ kind: 'audited', round: 0, verdict: 'passed', withheld: [] });
    },
  };
  return at;
}

export const kinds = (commands: readonly RoundCommand[]): readonly string[] =>
  commands.map(({ kind }) => kind);
