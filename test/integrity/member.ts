import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Rounds, startRounds } from '../../src-main/rounds/rounds.ts';
import { hostParts } from '../../src-main/runs/adversaries/adversaries.ts';
import { type Judge, startJudge } from '../../src-main/runs/judge.ts';
import { spoolDir, stateDirOf } from '../../src-main/runs/start-train.ts';
import type { Work } from '../../src-main/runs/work.ts';
import type { EvidenceRow } from '../../src-main/scoring/evidence.ts';
import { type Ed25519Key, ed25519FromSeed } from '../../src-node/ed25519.ts';
import { listeners } from '../../src-node/listeners.ts';
import { sha256 } from '../../src-node/sha256.ts';
import {
  type Adversary,
  partOf,
  swarmAdversarySchema,
  trainAdversarySchema,
} from '../../src-shared/contract/adversary.ts';
import type {
  CallHandlers,
  ChildClient,
  ChildContract,
  EventName,
  EventOf,
  ReadyOf,
} from '../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import { onProcessor, type TrainContract } from '../../src-shared/contract/train.ts';
import { initialWeights } from '../../src-shared/model/initial-weights.ts';
import { profileHash as hashOf, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { encodeSignedText } from '../../src-shared/rounds/signed-text.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { partsOf } from '../../src-worker/swarm/adversaries/adversaries.ts';
import { composeProtocols } from '../../src-worker/swarm/protocols.ts';
import { dishonestCalls, dishonestLabour } from '../../src-worker/train/adversaries/adversaries.ts';
import { createCpuEngine } from '../../src-worker/train/engine/cpu/create.ts';
import { honestLabour, type Labour, noLabour } from '../../src-worker/train/loop/labour.ts';
import { composeTrain } from '../../src-worker/train/loop/start.ts';
import { Slices } from '../../src-worker/train/slices.ts';
import { Disk } from '../../src-worker/train/state/disk.ts';
import type { FakeChain } from '../fakes/fake-chain.ts';
import { writerOf } from '../src-main/rounds/group.ts';
import type { MemoryWorld } from '../src-worker/swarm/memory-network.ts';
import { LINE_BYTES_PER_S } from './profile.ts';
import { topicalText } from './text.ts';

/** Who takes part, and how. */
export interface Part {
  readonly hotkey: Ss58;
  readonly role: 'miner' | 'validator';
  readonly adversary: Adversary | null;
  /** Another labour than everybody's: a slower machine, say. */
  readonly labour?: Labour;
  /** All that it sends leaves at this rate; left out: everybody's. */
  readonly bytesPerS?: number;
}

export interface Surroundings {
  readonly chain: FakeChain;
  readonly world: MemoryWorld;
  readonly profile: Profile;
  readonly everybody: readonly Ss58[];
  readonly home: string;
  readonly signal: AbortSignal;
}

/** A whole host with its children in this process: only the network's bytes, the chain and the clock are the test's. */
export interface Member {
  readonly part: Part;
  readonly train: ChildClient<TrainContract>;
  readonly rounds: Rounds;
  /** A validator's. */
  readonly judge: Judge | null;
  /** What it as validator kept of everybody. */
  readonly evidence: readonly EvidenceRow[];
  stop(): Promise<void>;
}

const unheard = { notice: () => {}, clearNotice: () => {} };

export const peerKeyOf = (hotkey: Ss58): Ed25519Key =>
  ed25519FromSeed(sha256(new TextEncoder().encode(hotkey)));

export async function startMember(part: Part, at: Surroundings): Promise<Member> {
  const { chain, profile, signal, everybody } = at;
  const { hotkey, role, adversary } = part;
  const { consensus } = profile;
  const dataDir = join(at.home, hotkey);
  await mkdir(spoolDir(dataDir), { recursive: true });
  const train = await trainOf(part, at, dataDir);
  const swarm = await swarmOf(part, at, dataDir);
  const elapsedMs = () => (chain.head?.number ?? 0) * consensus.clock.blockMs;
  const parts = hostParts(adversary);
  const rounds = await startRounds({
    ...{ chain, train: train.client, swarm: swarm.client, consensus, hotkey, role, dataDir, signal },
    profileHash: hashOf(consensus),
    commitmentWriter: role === 'validator' ? parts.writing(writerOf(chain, hotkey)) : null,
    source: null,
    connected: everybody.filter((other) => other !== hotkey),
    isJudged: role === 'validator',
    isActive: true,
    past: { rounds: [], heldOut: [] },
    measuresHeldOut: false,
    log: () => undefined,
    told: () => undefined,
    clock: { nowMs: elapsedMs, elapsedMs },
  });
  const evidence: EvidenceRow[] = [];
  // Nobody here reads cards, so nobody asks whose they are.
  const vault = {
    signText: (_name: string, _of: unknown, text: string) =>
      encodeSignedText({ text, signature: '0'.repeat(128) }),
  };
  const work = {
    config: { dataDir, profile, role, adversary, keys: { vault }, notices: unheard, log: () => undefined },
    ...{ profileHash: hashOf(consensus), chain, train: train.client, swarm: swarm.client, hotkey, rounds },
    peerBook: { peers: new Map() },
    hotkeySigner: { address: hotkey, sign: async () => new Uint8Array(64) },
  };
  const recorder = {
    keepEvidence: (_validator: Ss58, rows: readonly EvidenceRow[]) => void evidence.push(...rows),
    keepScores: () => undefined,
    stop: () => undefined,
  };
  // Of a run's work judging needs no more.
  const judge = role === 'validator' ? await startJudge(work as unknown as Work, recorder, signal) : null;
  return {
    ...{ part, train: train.client, rounds, judge, evidence },
    async stop() {
      await judge?.stop();
      await rounds.stop();
      await swarm.stop();
      await train.stop();
    },
  };
}

async function trainOf({ hotkey, role, adversary, labour }: Part, at: Surroundings, dataDir: string) {
  const { consensus } = at.profile;
  const trains = role === 'miner';
  const dishonest = partOf(trainAdversarySchema, adversary);
  const slices = new Slices();
  const events = listeners<Record<string, unknown>>();
  const init = {
    ...{ stateDir: stateDirOf(dataDir), spoolDir: spoolDir(dataDir), corpusDir: dataDir },
    ...{ consensus, profileHash: hashOf(consensus), hotkey, trains, engine: onProcessor(1) },
    ...{ freeBytes: null, lostInUse: null, adversary: dishonest },
  };
  const { sequencesPerMicroBatch } = consensus.inner;
  const train = await composeTrain(
    init,
    {
      engine: await createCpuEngine(consensus.model, {
        maxSequences: 2 * sequencesPerMicroBatch,
        threads: 1,
      }),
      corpus: topicalText,
      unigramEntropy: null,
      freeRamBytes: null,
      told: unheard,
      labour: labour ?? (dishonest ? dishonestLabour(dishonest) : trains ? honestLabour : noLabour),
      disk: new Disk(),
      slices,
      throttle: { share: 1 },
      initialWeights: async () => initialWeights(consensus.model, consensus.initialWeights.seed),
      emit: (name, event) => events.emit(name, event),
      failed: (thrown) => {
        throw thrown;
      },
    },
    at.signal,
  );
  const handlers = dishonestCalls(dishonest, train.handlers, init.spoolDir);
  return { client: clientOf<TrainContract>(train.facts, handlers, events), stop: train.stop };
}

async function swarmOf(part: Part, { world, profile, everybody }: Surroundings, dataDir: string) {
  const { hotkey, adversary, bytesPerS = LINE_BYTES_PER_S } = part;
  const { consensus } = profile;
  const key = peerKeyOf(hotkey);
  const network = world.peers.get(hotkey) ?? world.join(hotkey, key.publicKey);
  world.slow(hotkey, bytesPerS);
  const events = listeners<Record<string, unknown>>();
  const config = {
    consensus,
    hotkey,
    runTag: runTagOf(hashOf(consensus)),
    spoolDir: spoolDir(dataDir),
    store: null,
  };
  const protocols = await composeProtocols(
    {
      config,
      network,
      sign: key.sign,
      host: { ...unheard, emit: (name, event) => events.emit(name, event) },
    },
    partsOf(partOf(swarmAdversarySchema, adversary) ?? undefined),
  );
  const told = (peer: Ss58, connected: boolean) =>
    events.emit('peer', { hotkey: peer, peerId: peer, connected, address: null });
  network.onPeer(told);
  const none = async () => undefined;
  const handlers: CallHandlers<SwarmContract> = {
    ...protocols.handlers,
    async setMembers({ hotkeys, witnesses }) {
      protocols.setMembers(new Set(hotkeys), new Set(witnesses));
      // Who has just begun to listen hears of those that have long been there.
      for (const other of everybody) if (other !== hotkey) told(other, network.isConnected(other));
      return undefined;
    },
    ...{ setChainTime: none, renewBinding: none, setDirectory: none, testReachability: none },
  };
  const facts = { peerId: hotkey, addresses: [] };
  return { client: clientOf<SwarmContract>(facts, handlers, events), stop: protocols.stop };
}

/** Calls go straight to their handlers. */
function clientOf<C extends ChildContract>(
  ready: ReadyOf<C>,
  handlers: CallHandlers<C>,
  events: ReturnType<typeof listeners<Record<string, unknown>>>,
): ChildClient<C> {
  return {
    ready,
    call: (name, params, signal) => handlers[name](params, signal),
    on: <N extends EventName<C>>(name: N, listener: (payload: EventOf<C, N>) => void) =>
      events.on(name, (payload) => listener(payload as EventOf<C, N>)),
  };
}
