import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type StartedSwarm, startSwarm } from '../../src-main/runs/start-swarm.ts';
import { spoolDir } from '../../src-main/runs/start-train.ts';
import { ensurePeerKey } from '../../src-main/vault/peer-key.ts';
import { openVault } from '../../src-main/vault/vault.ts';
import type { CodecId } from '../../src-shared/codec/table.ts';
import type { ReduceReport } from '../../src-shared/contract/swarm.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import type { Receipt, Roster } from '../../src-shared/rounds/messages.ts';
import { type ContributionManifest, spoolFiles, spoolFolder } from '../../src-shared/spool.ts';
import { type Hex, hex, type Ss58 } from '../../src-shared/units.ts';
import { serveCalls } from './calls.ts';
import { type Contributed, contribute } from './contribution.ts';

/**
 * A member of a group in a place of its own: `swarm` as the host starts it, with what the host and `train` do for an
 * exchange and nothing else.
 */
const NAME = 'miner';
const never = new AbortController().signal;
const unheard = { notice: () => undefined, clearNotice: () => undefined };
let swarm: StartedSwarm | null = null;
let home: { readonly dataDir: string; readonly profile: Profile } | null = null;
const connected = new Set<Ss58>();

export interface MemberStart {
  readonly dataDir: string;
  readonly profile: Profile;
  readonly listenHost: string;
  /** Left out: any that is free. */
  readonly port?: number;
}

interface State {
  readonly baseDigest: Hex;
  readonly path: string;
  readonly sizeBytes: number;
}

export interface ReduceGiven {
  readonly round: number;
  readonly roster: Roster;
  readonly rosterDigest: Hex;
  readonly blockHash: Hex;
  /** Times of the profile times this. */
  readonly slowdown: number;
  /** Final blocks since the agreed roster came. */
  readonly rosterAgoBlocks: number;
}

const calls = {
  async start({ dataDir, profile, listenHost, port = 0 }: MemberStart) {
    home = { dataDir, profile };
    const vault = openVault({ dir: join(dataDir, 'keys') });
    const hotkey = await vault.ensureHotkey(NAME);
    swarm = await startSwarm(
      {
        ...{
          dataDir,
          profile,
          vault,
          hotkey,
          hotkeyName: NAME,
          extraEnv: {},
          notices: unheard,
        },
        announcedStore: null,
        adversary: null,
        peerKey: await ensurePeerKey(dataDir),
        chain: { genesisHash: hex('ab'.repeat(32)), finalized: null, blockTimeMs: async () => null },
        listen: { host: listenHost, port },
        outside: { mapsPort: false, mayRelay: true },
        log: () => undefined,
        onGaveUp: (error) => {
          throw error;
        },
        onRestarted: () => undefined,
        mayRenew: () => true,
      },
      never,
    );
    swarm.client.on('peer', (peer) => {
      if (peer.connected) connected.add(peer.hotkey);
      else connected.delete(peer.hotkey);
    });
    return { hotkey, addresses: [...swarm.client.ready.addresses] };
  },

  /** Tells who the members are. */
  async setMembers(hotkeys: Ss58[]) {
    await swarm!.client.call('setMembers', { hotkeys, witnesses: [hotkeys[0]!] }, never);
  },

  addresses: async (): Promise<readonly string[]> => [...swarm!.client.ready.addresses],

  connected: (): readonly Ss58[] => [...connected],

  /** Values of the size of pseudo-gradients, another member's by another number, as `train` leaves them for a round. */
  contribute: (round: number, number: number, codec: CodecId): Promise<Contributed> =>
    contribute(join(spoolDir(home!.dataDir), spoolFolder(round)), {
      ...{ round, number, codec, profile: home!.profile },
    }),

  /** The same contribution for another round. What the earlier one came to goes. */
  async contributeAgain(earlier: number, round: number) {
    const [from, to] = [earlier, round].map((one) => join(spoolDir(home!.dataDir), spoolFolder(one))) as [
      string,
      string,
    ];
    await mkdir(to, { recursive: true });
    await link(join(from, spoolFiles.contribution), join(to, spoolFiles.contribution));
    const manifest: ContributionManifest = JSON.parse(
      await readFile(join(from, spoolFiles.contributionManifest), 'utf8'),
    );
    await writeFile(join(to, spoolFiles.contributionManifest), JSON.stringify({ ...manifest, round }));
    await rm(from, { recursive: true });
  },

  reduce: (given: ReduceGiven): Promise<ReduceReport> => swarm!.client.call('reduce', given, never),

  receipts: (round: number): Promise<Receipt[]> => swarm!.client.call('receipts', { round }, never),

  /** The process of `swarm`. */
  async swarmPid(): Promise<number> {
    const { state } = swarm!.child;
    if (state.kind !== 'ready') throw new Error(`swarm is ${state.kind}`);
    return state.pid;
  },

  /** What newcomers may have of this one. */
  async offerState(offer: State) {
    await swarm!.client.call('offerState', { ...offer, lineage: [] }, never);
  },

  async fetchState(wanted: State) {
    await swarm!.client.call('fetchState', { ...wanted, hasStores: false }, never);
  },

  async stop() {
    await swarm?.child.stop();
  },
};

export type MemberCalls = typeof calls;

serveCalls(calls);
