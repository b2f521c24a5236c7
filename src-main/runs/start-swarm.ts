import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import { type Adversary, partOf, swarmAdversarySchema } from '../../src-shared/contract/adversary.ts';
import { type SwarmContract, swarmContract } from '../../src-shared/contract/swarm.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { printStoreAddress, type StoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { entryPath } from '../entry-path.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import type { PeerKey } from '../vault/peer-key.ts';
import type { Vault } from '../vault/vault.ts';
import { type LastingClient, lastingClient } from './children.ts';
import { SWARM_YOUNG_HALF_MIB } from './limits.ts';
import { type BindingChain, PeerBinding } from './peer-binding.ts';
import { spoolDir } from './start-train.ts';

/** What is done so that peers outside this house and a run reach each other. */
export interface OutsideChoice {
  /** The router is asked to let peers in. */
  readonly mapsPort: boolean;
  /** Others' bytes may pass here, to members that they do not reach. */
  readonly mayRelay: boolean;
}

export interface SwarmOptions {
  readonly dataDir: string;
  readonly profile: Profile;
  readonly vault: Vault;
  readonly hotkeyName: string;
  readonly peerKey: PeerKey;
  readonly hotkey: Ss58;
  readonly chain: BindingChain;
  readonly listen: { readonly host: string; readonly port: number };
  readonly outside: OutsideChoice;
  /** Where everybody may read its states. */
  readonly announcedStore: StoreAddress | null;
  readonly adversary: Adversary | null;
  readonly extraEnv: ExtraEnv;
  readonly notices: Notices;
  log(line: string): void;
  onGaveUp(error: AppError): void;
  /** Not called for the first start. */
  onRestarted(): void;
  /** Whether this start of the hotkey may take the word from an earlier one. */
  mayRenew(): boolean;
}

export interface StartedSwarm {
  readonly child: SupervisedChild<SwarmContract>;
  readonly client: LastingClient<SwarmContract>;
  /** Signs a binding that is newer than any before, and presents it. */
  renewBinding(signal: AbortSignal): Promise<void>;
}

/** Starts `swarm` with the peer key and a fresh binding of it; each restart gets a newer binding. */
export async function startSwarm(options: SwarmOptions, signal: AbortSignal): Promise<StartedSwarm> {
  const { dataDir, profile, vault, hotkeyName, peerKey, hotkey, chain, announcedStore } = options;
  const { consensus, local } = profile;
  let client: LastingClient<SwarmContract> | undefined;
  const dishonest = partOf(swarmAdversarySchema, options.adversary);
  const stopping = new AbortController();
  const binding = new PeerBinding({
    chain,
    netuid: consensus.chain.netuid,
    sign: (fields) => vault.signBinding(hotkeyName, peerKey, fields),
    mayRenew: options.mayRenew,
    log: options.log,
  });
  const child = superviseChild({
    contract: swarmContract,
    name: 'swarm',
    entry: entryPath('swarm'),
    limits: { youngHalfMib: SWARM_YOUNG_HALF_MIB },
    extraEnv: options.extraEnv,
    init: async () => ({
      hotkey,
      peerSeed: new Uint8Array(peerKey.seed),
      ...(await binding.atStart(stopping.signal)),
      genesisHash: chain.genesisHash,
      runTag: runTagOf(profileHash(consensus)),
      consensus,
      listen: options.listen,
      ...options.outside,
      bootstrap: local.bootstrap,
      spoolDir: spoolDir(dataDir),
      store: announcedStore && printStoreAddress(announcedStore),
      ...(dishonest !== null && { adversary: dishonest }),
    }),
    log: options.log,
    onNotice: noticeOfChild(options.notices),
    onState(state) {
      if (state.kind === 'stopped' || state.kind === 'failed') stopping.abort();
      if (state.kind === 'failed') options.onGaveUp(state.error);
    },
    onReady({ ready }) {
      if (!client) return;
      client.renew(ready);
      options.onRestarted();
    },
  });
  try {
    const first = await child.whenReady(signal);
    const lasting = lastingClient(() => child, first.ready);
    client = lasting;
    void binding.keep(lasting, stopping.signal);
    return { child, client: lasting, renewBinding: (wait) => binding.renew(lasting, wait) };
  } catch (error) {
    await child.stop();
    throw error;
  }
}
