import { multiaddr } from '@multiformats/multiaddr';
import * as scure from '@scure/sr25519';
import { ChainClock } from '../../../../src-node/chain-clock.ts';
import { ed25519FromSeed } from '../../../../src-node/ed25519.ts';
import { bindingBytes, encodeBinding } from '../../../../src-shared/rounds/binding.ts';
import { addressOf } from '../../../../src-shared/rounds/ss58.ts';
import { hex, type Ss58 } from '../../../../src-shared/units.ts';
import { Directory } from '../../../../src-worker/swarm/mesh/directory.ts';
import { BindingDoor } from '../../../../src-worker/swarm/mesh/hello.ts';
import { addressKinds } from '../../../../src-worker/swarm/mesh/kinds/kinds.ts';
import { Members } from '../../../../src-worker/swarm/mesh/members.ts';
import { createNode } from '../../../../src-worker/swarm/mesh/node.ts';
import { Dht } from '../../../../src-worker/swarm/mesh/sources/dht/dht.ts';
import type { PeerSource } from '../../../../src-worker/swarm/mesh/sources/source.ts';

export const runTag = hex('0123456789abcdef');
const here = { netuid: 38, genesisHash: hex('ab'.repeat(32)) };
const LISTEN = { host: '127.0.0.1', port: 0 };

/** One for all peers of a rig: a signature costs milliseconds, and each would be looked at by everybody. */
export const door = new BindingDoor(here, (m, s, k) => scure.verify(m, s, k), new ChainClock());

export interface Identity {
  readonly hotkey: Ss58;
  readonly key: ReturnType<typeof ed25519FromSeed>;
  readonly seed: Uint8Array;
  readonly binding: string;
}

export function identity(
  number: number,
  change: { readonly seq?: number; readonly netuid?: number } = {},
): Identity {
  const seed = new Uint8Array(32).fill(1);
  new DataView(seed.buffer).setUint32(0, number);
  const key = ed25519FromSeed(seed);
  const secret = scure.secretFromSeed(seed);
  const hotkey = addressOf(scure.getPublicKey(secret));
  const nowS = Math.floor(Date.now() / 1_000);
  const said = { hotkey, peerKey: key.publicKey, notBefore: nowS, notAfter: nowS + 3_600, seq: 1 };
  const binding = { ...here, ...said, ...change };
  return { hotkey, key, seed, binding: encodeBinding(binding, scure.sign(secret, bindingBytes(binding))) };
}

/** A node with nothing but a DHT, in whose place of a mesh everybody is admitted that is bound. */
export class DhtPeer {
  static readonly #byPeerId = new Map<string, DhtPeer>();
  readonly own: Identity;
  readonly dht: Dht;
  readonly directory = new Directory(door);
  readonly members = new Members(() => {});
  readonly node;
  /** Whether others may speak to it. */
  isOpen = true;
  readonly #source: PeerSource;

  private constructor(own: Identity, dht: Dht, node: Awaited<ReturnType<typeof createNode>>) {
    this.own = own;
    this.dht = dht;
    this.node = node;
    this.#source = dht.make({
      ...{
        node,
        directory: this.directory,
        members: this.members,
        self: own.hotkey,
        listenHost: LISTEN.host,
      },
      own: () => this.record,
      isAdmitted: async () => this.isOpen,
      greet: async () => {},
      changed: () => {},
    });
  }

  static async start(own: Identity, registered: readonly Ss58[]): Promise<DhtPeer> {
    const dht = new Dht({ runTag, door, sign: own.key.sign });
    const node = await createNode({
      seed: own.seed,
      listen: LISTEN,
      kinds: addressKinds,
      services: dht.services,
    });
    const peer = new DhtPeer(own, dht, node);
    peer.directory.setMembers(registered);
    node.addEventListener('connection:open', ({ detail }) => {
      const other = DhtPeer.#byPeerId.get(detail.remotePeer.toString());
      if (!other) return;
      peer.directory.learn(other.record);
      peer.members.admit(other.own.hotkey, detail);
    });
    node.addEventListener('connection:close', ({ detail }) => {
      const other = DhtPeer.#byPeerId.get(detail.remotePeer.toString());
      if (other) peer.members.closed(other.own.hotkey, detail);
    });
    await node.start();
    await peer.#source.start();
    DhtPeer.#byPeerId.set(node.peerId.toString(), peer);
    return peer;
  }

  get record() {
    const addresses = this.node
      .getMultiaddrs()
      .map((address) => address.toString().replace(/\/p2p\/.*$/, ''));
    return { binding: this.own.binding, addresses };
  }

  /** What it would dial. */
  get sought(): readonly string[] {
    return this.#source.addresses();
  }

  async connect(other: DhtPeer): Promise<void> {
    await this.node.dial(multiaddr(other.node.getMultiaddrs()[0]!.toString()));
  }

  async stop(): Promise<void> {
    DhtPeer.#byPeerId.delete(this.node.peerId.toString());
    await this.#source.stop();
    await this.node.stop();
  }
}
