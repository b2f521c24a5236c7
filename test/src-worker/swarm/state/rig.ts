import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256 } from '../../../../src-node/sha256.ts';
import type { Extent } from '../../../../src-shared/published/extents.ts';
import { StateDigest } from '../../../../src-shared/reduce/state-digest.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import type { Network } from '../../../../src-worker/swarm/net/link.ts';
import type { SpoolDisk } from '../../../../src-worker/swarm/spool-disk.ts';
import { StateDonor } from '../../../../src-worker/swarm/state/donate.ts';
import { StateReceiver } from '../../../../src-worker/swarm/state/receive.ts';
import type { StateProgress } from '../../../../src-worker/swarm/state/telling.ts';
import { MemoryWorld } from '../memory-network.ts';
import { plainDisk, type TestMember, testMember } from '../round.ts';

export const PIECE = 1_024;
export const never = new AbortController().signal;

/** A state of so many whole pieces and a shorter one. */
export function madeState(pieces: number) {
  const state = Uint8Array.from({ length: pieces * PIECE + 300 }, (_, i) => (i * 31 + (i >> 10)) >> 3);
  const digest = new StateDigest(PIECE, sha256);
  digest.update(state);
  const { digest: baseDigest, leaves } = digest.finish();
  return { state, baseDigest, manifest: Buffer.concat(leaves) };
}

interface ReceiverMore {
  readonly disk?: SpoolDisk;
  readonly extents?: readonly Extent[];
  readonly seek?: () => Promise<void>;
}

const made: { members: TestMember[]; donors: StateDonor[] }[] = [];

export async function dropWorlds(): Promise<void> {
  for (const { members, donors } of made.splice(0)) {
    for (const donor of donors) await donor.stop();
    for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
  }
}

/**
 * One that has nothing, and so many donors of one state.
 * @param turns of the event loop that each donor's line takes for every portion: slower lines take more
 */
export async function stateWorld(donorCount: number, pieces = 10, turns: readonly number[] = []) {
  const net = new MemoryWorld();
  const members = await Promise.all(Array.from({ length: donorCount + 1 }, (_, i) => testMember(i)));
  const [self, ...others] = members as [TestMember, ...TestMember[]];
  const networks = members.map((m) => net.join(m.hotkey, m.key.publicKey));
  const donors = networks.slice(1).map((network, i) => new StateDonor(slowed(network, turns[i] ?? 0), PIECE));
  made.push({ members, donors });
  const { state, baseDigest, manifest } = madeState(pieces);
  const offer = async (donor: number) => {
    const path = join(others[donor]!.spoolDir, 'state.bin');
    await writeFile(path, state);
    await donors[donor]!.offer({ baseDigest, path, sizeBytes: state.length, lineage: [] });
  };
  for (const index of donors.keys()) await offer(index);
  const wanted = {
    ...{ baseDigest, sizeBytes: state.length, hasStores: false },
    path: join(self.spoolDir, 'state.bin'),
  };
  const network = networks[0]!;
  const receiver = (more: ReceiverMore = {}) => receiverOn(network, more);
  const hotkeys = others.map(({ hotkey }) => hotkey);
  return { net, members, network, donors, hotkeys, self, state, manifest, wanted, receiver };
}

function receiverOn(network: ConstructorParameters<typeof StateReceiver>[0]['network'], more: ReceiverMore) {
  const told: StateProgress[] = [];
  const liars: (readonly [Ss58, string])[] = [];
  const listeners = new Set<(progress: StateProgress) => void>();
  const receiver = new StateReceiver({
    ...{ network, disk: plainDisk(), pieceBytes: PIECE, extents: [], liars: new Set<Ss58>(), ...more },
    onProgress(progress) {
      told.push(progress);
      for (const listener of listeners) listener(progress);
    },
    onLiar: (donor, what) => liars.push([donor, what]),
  });
  return {
    receiver,
    told,
    liars,
    onProgress: (listener: (p: StateProgress) => void) => listeners.add(listener),
  };
}

/** Counts the pieces that a donor sends whole, and lets a test do something with each. */
export function watchPieces(
  net: MemoryWorld,
  [from, to]: readonly [Ss58, Ss58],
  each: (piece: Uint8Array, deliver: (bytes: Uint8Array) => void, count: number) => void = (piece, deliver) =>
    deliver(piece),
) {
  const seen = { pieces: 0 };
  net.tamper(from, to, 'state', (bytes, deliver) => {
    if (bytes.length < 300) return deliver(bytes);
    seen.pieces++;
    each(bytes, deliver, seen.pieces);
  });
  return seen;
}

/** The network on which what is sent in answer takes so many turns of the event loop more. */
function slowed(network: Network, turns: number): Network {
  const slow = Object.create(network) as Network;
  slow.handle = (protocol, serve) =>
    network.handle(protocol, (link, from) =>
      serve(
        {
          ...link,
          async send(bytes) {
            for (let turn = 0; turn < turns; turn++) await setImmediate();
            await link.send(bytes);
          },
        },
        from,
      ),
    );
  return slow;
}
