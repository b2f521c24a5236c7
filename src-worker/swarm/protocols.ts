import type { Notices } from '../../src-node/notices.ts';
import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import type { CallHandlers, InitOf } from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { type ChunkGrid, chunkGrid } from '../../src-shared/reduce/chunks.ts';
import type { Roster } from '../../src-shared/rounds/messages.ts';
import type { SignEd25519 } from '../../src-shared/rounds/signed.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { Audits } from './audit/audits.ts';
import { Challenge } from './challenge.ts';
import { Contributions } from './contributions/contributions.ts';
import { Control, type ControlInit } from './control/control.ts';
import type { Said } from './control/payloads.ts';
import type { Emit } from './emit.ts';
import type { Network } from './net/link.ts';
import { Receipts } from './receipts.ts';
import { Butterfly } from './reduce/butterfly.ts';
import { Listing } from './reduce/listing.ts';
import { Lists } from './reduce/lists.ts';
import { Scores } from './scores.ts';
import { SpoolDisk } from './spool-disk.ts';
import { composeStates, type DonorRecords } from './state/compose.ts';
import { KeptRounds } from './state/kept-rounds.ts';
import { patienceIn } from './state/patience.ts';
import { Stores } from './stores.ts';
import { Work } from './work.ts';

/** What the node says to its host; the child's door is one. */
export interface SwarmHost extends Notices {
  readonly emit: Emit;
}

/** Of what a peer's protocols are made. Whoever composes others is another peer: `adversaries/` are such. */
export interface SwarmParts {
  /** What chunks and results are written with. */
  coderOf(grid: ChunkGrid, consensus: Consensus): ChunkCoder;
  /** What signs and hears messages. */
  controlOf(init: ControlInit): Control;
  /** What streams go through. */
  networkOf(network: Network): Network;
}

export const honestParts: SwarmParts = {
  coderOf: (grid, consensus) => new ChunkCoder(grid, consensus),
  controlOf: (init) => new Control(init),
  networkOf: (network) => network,
};

/** What the node's own connections answer: the rest is answered by the protocols on them. */
export type MeshCall = 'setMembers' | 'setDirectory' | 'setChainTime' | 'renewBinding' | 'testReachability';

export interface Protocols {
  readonly handlers: Omit<CallHandlers<SwarmContract>, MeshCall>;
  /** Who is registered, and who of them are witnesses. */
  setMembers(hotkeys: ReadonlySet<Ss58>, witnesses: ReadonlySet<Ss58>): void;
  stop(): Promise<void>;
}

export interface ProtocolsInit {
  readonly config: Pick<InitOf<SwarmContract>, 'consensus' | 'hotkey' | 'runTag' | 'spoolDir' | 'store'>;
  /** Bound peers, whatever carries their bytes. */
  readonly network: Network;
  /** Where donors of states are told and found; null for a node that is alone on its machine. */
  readonly dht?: DonorRecords | null;
  readonly sign: SignEd25519;
  readonly host: SwarmHost;
}

/** Everything that peers do with each other over their links: rounds, audits, states, checks. */
export async function composeProtocols(
  { config, network: links, dht = null, sign, host }: ProtocolsInit,
  parts: SwarmParts = honestParts,
): Promise<Protocols> {
  const { emit } = host;
  const { consensus, hotkey, runTag, spoolDir } = config;
  const network = parts.networkOf(links);
  const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
  const disk = new SpoolDisk(host);
  const coder = parts.coderOf(grid, consensus);
  const stopping = new AbortController();
  const butterfly = new Butterfly({
    ...{ network, disk, grid, consensus, coder, spoolDir, sign },
    onEdges: (round, edges) => emit('edges', { round, edges }),
  });
  const lists = new Lists({
    ...{ network, disk, spoolDir, chunks: grid.chunks },
    mayAsk: (roster, from) => butterfly.isMember(roster, from) || control.isWitness(from),
  });
  const kept = new KeptRounds({
    ...{ spoolDir, disk, coder, lists, signal: stopping.signal },
    resultsOf: (rosterDigest) => butterfly.resultsOf(rosterDigest),
  });
  const noteRoster = ({ roster, rosterDigest }: { readonly roster: Roster; readonly rosterDigest: Hex }) => {
    audits.rosters.note(roster, rosterDigest);
    void kept.noteRoster(roster, rosterDigest);
  };
  const listing = new Listing({
    ...{ butterfly, lists },
    signersOf: (name) => control.signersOf(name),
    onSound: (vote) => emit('resultsProposal', vote),
  });
  const control = parts.controlOf({
    ...{ network, runTag, sign },
    events: {
      onSaid(said, signer) {
        if (said.kind === 'fraud') void audits.heard(said.body, signer);
        else tell(emit, said, signer);
      },
      onRoster(agreed) {
        noteRoster(agreed);
        emit('roster', agreed);
      },
      onProposal: (proposed) => emit('rosterProposal', proposed),
      onResults: ({ round, rosterDigest, resultsDigest }) =>
        emit('resultsList', { round, rosterDigest, resultsDigest }),
      onResultsProposal: (vote) => void listing.judge(vote),
      onContradiction: (said) => emit('contradiction', said),
    },
  });
  const audits = await Audits.open({
    ...{ network, grid, consensus, spoolDir, disk },
    resultsOf: (rosterDigest) => butterfly.resultsOf(rosterDigest),
    say: (payload) => control.say('fraud', payload),
    onFraud: (fraud) => emit('fraud', fraud),
  });
  const receipts = new Receipts({ network, control, butterfly, runTag, sign });
  const work = new Work(network, spoolDir);
  const scores = new Scores(network);
  const stores = new Stores(control, config.store);
  const challenge = new Challenge(network);
  // By the pace of the newest exchange, as that itself goes.
  let slowdown = 1;
  const patience = () => patienceIn(consensus.clock, slowdown);
  const states = composeStates({
    ...{ network, disk, grid, consensus, spoolDir, coder, lists, butterfly, kept, dht, emit },
    patience,
  });
  const contributions = new Contributions({
    ...{ network, disk, spoolDir, rosters: audits.rosters, giving: states.giving },
    patience,
    isWitness: (of) => control.isWitness(of),
  });

  const handlers: Protocols['handlers'] = {
    async setRound({ round }) {
      control.setRound(round);
      stores.setRound(round);
      return undefined;
    },
    async announceReady(ready) {
      control.say('ready', ready);
      return undefined;
    },
    async proposeRoster(roster) {
      control.say('roster', roster);
      return undefined;
    },
    async reduce(given, signal) {
      noteRoster(given);
      slowdown = given.slowdown;
      // States wait: the uplink is the round's.
      const giveAgain = states.giving.hold();
      const report = await butterfly.reduce(given, signal).finally(giveAgain);
      receipts.write(given.round, stopping.signal);
      void receipts.of(given.round).then((known) => states.giving.noteRound(hotkey, known));
      return report;
    },
    composeResults: (asked, signal) => listing.compose(asked, signal),
    async signResults(vote) {
      control.say('results', vote);
      return undefined;
    },
    takeResults: (name, signal) => listing.take(name, signal),
    async announceResult(result) {
      control.say('result', result);
      return undefined;
    },
    async audit(asked, signal) {
      const { frauds, ...report } = await audits.audit(asked, signal);
      const { foreign, withheld } = report;
      return { ...report, foreign: [...foreign], withheld: [...withheld], frauds: [...frauds] };
    },
    frauds: async () => [...audits.frauds],
    receipts: ({ round }) => receipts.of(round),
    receiptProofs: async ({ round }) => receipts.proofs(round),
    async offerWork({ round }) {
      work.offer(round);
      return undefined;
    },
    async fetchWork({ hotkey: of, round }, signal) {
      return { bytes: new Uint8Array(await work.fetch(of, round, signal)) };
    },
    fetchContribution: (asked, signal) => contributions.fetch(asked, signal),
    async offerScores({ json }) {
      scores.offer(json);
      return undefined;
    },
    fetchScores: async ({ hotkey: of }, signal) => ({ json: await scores.fetch(of, signal) }),
    challenge: (asked, signal) => challenge.run(asked, signal),
    stores: async () => stores.heard(),
    ...states.handlers,
  };

  return {
    handlers,
    setMembers(hotkeys, witnesses) {
      audits.setWitnesses(witnesses);
      control.setMembers(hotkeys, witnesses);
    },
    async stop() {
      stopping.abort();
      control.stop();
      await audits.stop();
      await contributions.stop();
      listing.stop();
      await butterfly.stop();
      await states.stop();
    },
  };
}

function tell(emit: Emit, said: Said, signer: Ss58): void {
  if (said.kind === 'ready') emit('ready', said.body);
  else if (said.kind === 'result') emit('result', { hotkey: signer, ...said.body });
}
