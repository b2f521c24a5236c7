import { rm } from 'node:fs/promises';
import * as scure from '@scure/sr25519';
import type { EventName, EventOf } from '../../../src-shared/contract/child.ts';
import type { SwarmContract } from '../../../src-shared/contract/swarm.ts';
import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { type Binding, bindingBytes, encodeBinding } from '../../../src-shared/rounds/binding.ts';
import type { Ready } from '../../../src-shared/rounds/messages.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { hex, type Ss58 } from '../../../src-shared/units.ts';
import { composeSwarm, type RunningSwarm } from '../../../src-worker/swarm/swarm.ts';
import { type TestMember, testConsensus, testMember, ZERO } from './round.ts';

export const never = new AbortController().signal;
export const consensus = testConsensus(
  // Far beyond what a busy machine takes: nothing here is to end by its limit.
  { exchangeBlocks: 200, slackMs: 5_000 },
  65_536,
);
const genesisHash = hex('ab'.repeat(32));
const runTag = hex('0123456789abcdef');

const unheard = { notice: () => {}, clearNotice: () => {} };

/** The hotkey of the node with that number. */
export const hotkeyOf = (number: number): Ss58 =>
  addressOf(scure.getPublicKey(scure.secretFromSeed(new Uint8Array(32).fill(100 + number))));

/** One real node and everything it has told its host. */
export class Node {
  readonly member: TestMember;
  readonly number: number;
  readonly swarm: RunningSwarm;
  readonly told: { name: string; payload: unknown }[] = [];
  readonly #watchers = new Set<() => void>();
  #tell: ((event: { readonly name: string; readonly payload: unknown }) => void) | null = null;
  static readonly all: Node[] = [];

  private constructor(number: number, member: TestMember, swarm: RunningSwarm) {
    this.number = number;
    this.member = member;
    this.swarm = swarm;
  }

  static async start(
    number: number,
    bootstrap: string[] = [],
    change: {
      binding?: Partial<Binding>;
      member?: TestMember;
      chainTimeMs?: number;
      store?: string;
      host?: string;
      port?: number;
      mayRelay?: boolean;
    } = {},
  ): Promise<Node> {
    const made = change.member ?? (await testMember(number));
    const secret = scure.secretFromSeed(new Uint8Array(32).fill(100 + number));
    const hotkey = addressOf(scure.getPublicKey(secret));
    const member = { ...made, hotkey };
    const nowS = Math.floor((change.chainTimeMs ?? Date.now()) / 1_000);
    const binding: Binding = {
      hotkey,
      peerKey: member.key.publicKey,
      netuid: consensus.chain.netuid,
      genesisHash,
      notBefore: nowS,
      notAfter: nowS + 3_600,
      seq: 1,
      ...change.binding,
    };
    const events: { name: string; payload: unknown }[] = [];
    let hear = (name: string, payload: unknown): void => void events.push({ name, payload });
    const swarm = await composeSwarm(
      {
        hotkey,
        peerSeed: new Uint8Array(member.seed),
        binding: encodeBinding(binding, scure.sign(secret, bindingBytes(binding))),
        chainTimeMs: change.chainTimeMs ?? null,
        genesisHash,
        runTag,
        consensus,
        listen: { host: change.host ?? '127.0.0.1', port: change.port ?? 0 },
        bootstrap,
        mapsPort: false,
        mayRelay: change.mayRelay ?? true,
        spoolDir: member.spoolDir,
        store: change.store ?? null,
      },
      { ...unheard, emit: (name, payload) => hear(name, payload) },
    );
    const node = new Node(number, member, swarm);
    hear = (name, payload) => node.#hear(name, payload);
    for (const { name, payload } of events) hear(name, payload);
    Node.all.push(node);
    return node;
  }

  get hotkey(): Ss58 {
    return this.member.hotkey;
  }

  /** Another binding of this node's hotkey and key, signed at that time. */
  signed(change: Partial<Binding>, nowMs: number): string {
    const nowS = Math.floor(nowMs / 1_000);
    const { hotkey, key } = this.member;
    const secret = scure.secretFromSeed(new Uint8Array(32).fill(100 + this.number));
    const at = {
      netuid: consensus.chain.netuid,
      genesisHash,
      notBefore: nowS,
      notAfter: nowS + 3_600,
      seq: 1,
    };
    const binding = { hotkey, peerKey: key.publicKey, ...at, ...change };
    return encodeBinding(binding, scure.sign(secret, bindingBytes(binding)));
  }

  get address(): string {
    return this.swarm.facts.addresses[0]!;
  }

  /** Resolves with the first event of that name that fits, heard or to come; the test's own limit ends the wait. */
  heard<N extends EventName<SwarmContract>>(
    name: N,
    fits: (payload: EventOf<SwarmContract, N>) => boolean,
  ): Promise<EventOf<SwarmContract, N>> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.told.find((e) => e.name === name && fits(e.payload as never));
        if (!found) return;
        this.#watchers.delete(look);
        resolve(found.payload as EventOf<SwarmContract, N>);
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** The chain tells it where the other one answers. */
  finds(other: Node, hotkey = other.hotkey): Promise<undefined> {
    return this.swarm.handlers.setDirectory({ entries: [{ hotkey, address: other.address }] }, never);
  }

  meets(other: Node): Promise<unknown> {
    return this.heard('peer', (peer) => peer.hotkey === other.hotkey && peer.connected);
  }

  members(nodes: readonly Node[], witnesses: readonly Node[] = []): Promise<undefined> {
    return this.swarm.handlers.setMembers(
      { hotkeys: nodes.map((n) => n.hotkey), witnesses: witnesses.map((n) => n.hotkey) },
      never,
    );
  }

  /** Tells all that was told so far, and all that will be. */
  tellAll(tell: (event: { readonly name: string; readonly payload: unknown }) => void): void {
    for (const event of this.told) tell(event);
    this.#tell = tell;
  }

  #hear(name: string, payload: unknown): void {
    this.told.push({ name, payload });
    this.#tell?.({ name, payload });
    for (const watcher of [...this.#watchers]) watcher();
  }
}

/** So many nodes, each of which has met all others through the first. */
export async function mesh(size: number, witnesses = 1): Promise<Node[]> {
  const first = await Node.start(0);
  const rest = await Promise.all(
    Array.from({ length: size - 1 }, (_, i) => Node.start(i + 1, [first.address])),
  );
  const nodes = [first, ...rest];
  for (const node of nodes) await node.members(nodes, nodes.slice(0, witnesses));
  await Promise.all(nodes.flatMap((a) => nodes.filter((b) => b !== a).map((b) => a.meets(b))));
  return nodes;
}

const stopped = new Set<Node>();
export async function stop(node: Node): Promise<void> {
  if (stopped.has(node)) return;
  stopped.add(node);
  await node.swarm.stop();
}

export function readyOf(node: Node, round: number): Ready {
  return {
    round,
    hotkey: node.hotkey,
    baseId: ZERO,
    schemaHash: ZERO,
    codec: 'fp16',
    upBytesPerS: 1,
    downBytesPerS: 1,
    weight: 1,
    norm: 0.5,
    root: ZERO,
    workDigest: ZERO,
    sequences: 3,
  };
}

/** The same hotkey and key again, at that port. */
export async function startAt(node: Node, port: number): Promise<RunningSwarm> {
  const secret = scure.secretFromSeed(new Uint8Array(32).fill(101));
  const nowS = Math.floor(Date.now() / 1_000);
  const binding: Binding = {
    hotkey: node.hotkey,
    peerKey: node.member.key.publicKey,
    netuid: consensus.chain.netuid,
    genesisHash,
    notBefore: nowS,
    notAfter: nowS + 3_600,
    seq: 2,
  };
  const swarm = await composeSwarm(
    {
      hotkey: node.hotkey,
      peerSeed: new Uint8Array(node.member.seed),
      binding: encodeBinding(binding, scure.sign(secret, bindingBytes(binding))),
      chainTimeMs: null,
      genesisHash,
      runTag,
      consensus: consensus satisfies Consensus,
      listen: { host: '127.0.0.1', port },
      bootstrap: [],
      mapsPort: false,
      mayRelay: true,
      spoolDir: node.member.spoolDir,
      store: null,
    },
    { ...unheard, emit: () => {} },
  );
  await swarm.handlers.setMembers({ hotkeys: Node.all.map((n) => n.hotkey), witnesses: [] }, never);
  return swarm;
}

/** Stops every node of a test. */
export const stopAll = async (): Promise<void> => {
  await Promise.all(Node.all.map(stop));
};

/** Removes what the nodes of a file's tests left on the disk. */
export async function dropAll(): Promise<void> {
  for (const { member } of Node.all) await rm(member.spoolDir, { recursive: true, force: true });
}
