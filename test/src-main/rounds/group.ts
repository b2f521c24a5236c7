import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordWriter } from '../../../src-main/rounds/commands.ts';
import { type Rounds, startRounds } from '../../../src-main/rounds/rounds.ts';
import type { ConcludedRound } from '../../../src-main/rounds/telling.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { profileHash as hashOf } from '../../../src-shared/profile/profile.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';
import { type FakeChain, fakeChain } from '../../fakes/fake-chain.ts';
import { connectAll, type FakeHub, type FakeSwarm, fakeHub } from '../../fakes/fake-swarm.ts';
import { type FakeTrain, fakeTrain } from '../../fakes/fake-train.ts';
import { miners as names, consensus as practice, START, witness } from './machine-bench.ts';

export interface Peer {
  readonly hotkey: Ss58;
  readonly train: FakeTrain;
  readonly dataDir: string;
  rounds: Rounds;
  readonly settled: ConcludedRound[];
  /** What its person was told. */
  readonly told: CodedError[];
}

export interface Group {
  readonly chain: FakeChain;
  readonly hub: FakeHub;
  readonly peers: ReadonlyMap<Ss58, Peer>;
  /** Seals blocks one by one and lets everything they lead to come to rest. */
  to(block: number): Promise<void>;
  /** Its host and its `swarm`, which has forgotten everything; `train` has its spool and its snapshot. */
  restart(hotkey: Ss58, isActive?: boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Everything that a block led to has come to rest, in all hosts: what one does may wake another. */
async function rest(peers: Iterable<Peer>): Promise<void> {
  const all = [...peers].map(({ rounds }) => rounds);
  while (all.some(({ busy }) => busy)) for (const rounds of all) await rounds.idle();
}

/** What a file of a peer's journal holds. */
export const kept = async ({ dataDir }: Peer, name: string) =>
  JSON.parse(await readFile(join(dataDir, 'rounds', `${name}.json`), 'utf8')).value;

export interface GroupOptions {
  readonly witnesses?: readonly Ss58[];
  /** Offsets of the round, where not those of all these tests. */
  readonly clock?: Partial<Consensus['clock']>;
  /** What stands between a witness and its writer. */
  heard?(writer: RecordWriter, hotkey: Ss58): RecordWriter;
  /** What stands between a host and its `swarm`. */
  between?(swarm: FakeSwarm, hotkey: Ss58): FakeSwarm;
}

/** Four miners and their witnesses: whole hosts on one chain, whose blocks are sealed by hand. */
export async function startGroup(options: GroupOptions = {}): Promise<Group> {
  const { witnesses = [witness], heard = (writer) => writer, between = (swarm) => swarm } = options;
  const consensus: Consensus = {
    ...practice,
    clock: { ...practice.clock, ...options.clock },
    witnesses: { kind: 'hotkeys', hotkeys: [...witnesses] },
  };
  const profileHash = hashOf(consensus);
  const everybody = [...witnesses, ...names];
  const chain = fakeChain({ neurons: everybody.map((hotkey) => ({ hotkey })) });
  const hub = fakeHub();
  const peers = new Map<Ss58, Peer>();
  const children = new Map<Ss58, FakeSwarm>();
  const abort = new AbortController();
  const blockMs = () => (chain.head?.number ?? 0) * 1_000;
  const toldTo = new Map(everybody.map((hotkey): [Ss58, CodedError[]] => [hotkey, []]));
  const start = (hotkey: Ss58, train: FakeTrain, dataDir: string, isActive = true): Promise<Rounds> =>
    startRounds({
      chain,
      train,
      swarm: between(children.get(hotkey)!, hotkey),
      consensus,
      profileHash,
      hotkey,
      role: witnesses.includes(hotkey) ? 'validator' : 'miner',
      commitmentWriter: witnesses.includes(hotkey) ? heard(writerOf(chain, hotkey), hotkey) : null,
      dataDir,
      source: null,
      connected: [],
      isJudged: false,
      isActive,
      past: { rounds: [], heldOut: [] },
      measuresHeldOut: true,
      log: () => undefined,
      told: (error) => toldTo.get(hotkey)!.push(error),
      signal: abort.signal,
      clock: { nowMs: blockMs, elapsedMs: blockMs },
    });
  chain.sealTo(START - 3);
  for (const hotkey of everybody) {
    const train = fakeTrain({ hotkey, consensus, profileHash });
    const dataDir = await mkdtemp(join(tmpdir(), 'rounds-'));
    children.set(hotkey, hub.join(hotkey, train));
    const settled: ConcludedRound[] = [];
    const rounds = await start(hotkey, train, dataDir);
    rounds.on('settled', (one) => settled.push(one));
    peers.set(hotkey, { hotkey, train, dataDir, rounds, settled, told: toldTo.get(hotkey)! });
  }
  connectAll(children);
  return {
    async stop() {
      abort.abort();
      for (const peer of peers.values()) {
        await peer.rounds.stop();
        await rm(peer.dataDir, { recursive: true, force: true });
      }
    },
    chain,
    hub,
    peers,
    async to(block) {
      for (let next = (chain.head?.number ?? 0) + 1; next <= block; next++) {
        chain.sealTo(next);
        await rest(peers.values());
      }
    },
    async restart(hotkey, isActive) {
      const peer = peers.get(hotkey)!;
      await peer.rounds.stop();
      await children.get(hotkey)!.stop();
      children.set(hotkey, hub.join(hotkey, peer.train));
      const { standing } = peer.train;
      const train = Object.create(peer.train, { ready: { value: { ...peer.train.ready, standing } } });
      peer.rounds = await start(hotkey, train, peer.dataDir, isActive);
      peer.rounds.on('settled', (one) => peer.settled.push(one));
      connectAll(children);
    },
  };
}

/** Hands a record to the pool and does not wait for its block, which is sealed by hand; nor does it send it twice. */
export function writerOf(chain: FakeChain, hotkey: Ss58): RecordWriter {
  const onTheirWay = new Set<string>();
  const signer = { address: hotkey, sign: async () => new Uint8Array(64) };
  return {
    async writeRecord({ decision, field, lastBlock }, signal) {
      const held = (await chain.commitments([hotkey], null, signal)).get(hotkey)?.fields[0];
      if (held && Buffer.from(held).equals(field)) return null;
      const options = lastBlock === null ? {} : { lastBlock };
      if (!onTheirWay.has(decision)) {
        onTheirWay.add(decision);
        const fate = chain.submit({ kind: 'setCommitment', fields: [field] }, signer, signal, options);
        void fate.catch(() => undefined).finally(() => onTheirWay.delete(decision));
      }
      return { kind: 'unknown', hash: hex('00'), block: null };
    },
  };
}

export const bases = (peers: Group['peers']) =>
  [...peers.values()].map(({ train }) => train.standing.baseDigest);
export const outcomes = (peer: Peer | undefined) => peer?.settled.map(({ summary }) => summary.outcome);

/** Blocks become final one later: the block at which everybody has seen this offset of the round. */
export const seen = (round: number, offset: number): number => START + 20 * round + offset + 1;
