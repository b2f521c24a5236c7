import { join } from 'node:path';
import type { Notices } from '../../src-node/notices.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import type { Adversary } from '../../src-shared/contract/adversary.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { EngineChoice, TrainContract } from '../../src-shared/contract/train.ts';
import type { AppError, CodedError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { encodeIdentityField } from '../../src-shared/rounds/identity-field.ts';
import type { StoreAddress } from '../../src-shared/stores/store-address.ts';
import type { Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import { keepIdentity } from '../join/identity.ts';
import type { RunKeys } from '../join/keys.ts';
import { type Registration, register } from '../join/register.ts';
import { stakeWhenOpen } from '../join/stake.ts';
import type { Signer } from '../network/chain.ts';
import type { ConnectedChain } from '../network/client.ts';
import { openCommitmentWriter } from '../network/commitment-writer.ts';
import type { NetworkAddress, Networks } from '../network/networks.ts';
import type { RoundsPast } from '../rounds/history.ts';
import { type Rounds, startRounds } from '../rounds/rounds.ts';
import type { StateSource } from '../rounds/state-source.ts';
import { readToldStores, type ToldStores } from '../rounds/told-stores.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { COLDKEY, HOTKEY } from '../vault/key-names.ts';
import { ensurePeerKey } from '../vault/peer-key.ts';
import { hostParts } from './adversaries/adversaries.ts';
import type { LastingClient } from './children.ts';
import { type Hush, hushed } from './hush.ts';
import { connectedIn, keepPeerBook, type PeerBook } from './peer-book.ts';
import { checkPeerPort } from './peer-port.ts';
import { type OutsideChoice, type StartedSwarm, startSwarm } from './start-swarm.ts';
import { type StartedTrain, startTrain } from './start-train.ts';

export interface RunConfig {
  /** The run's own folder: model, spool, journals, its peer key. */
  readonly dataDir: string;
  readonly keys: RunKeys;
  readonly network: NetworkAddress;
  readonly profile: Profile;
  readonly role: 'miner' | 'validator';
  /** Highest registration cost accepted, and what to stake; each is the consent, and null pays nothing. */
  readonly registrationLimitRao: Rao | null;
  readonly stakeRao: Rao | null;
  /** Given just now, so that a place that was lost may be bought anew. */
  readonly isConsentFresh: boolean;
  readonly engine: EngineChoice;
  /** How hard it may work, as was chosen last. */
  share(): number;
  /** What of fetched text it may keep; left out where its text comes with Butterfly. */
  readonly textBytes?: () => number;
  /** Memory of its card that nobody uses now; null: nobody can tell. */
  freeBytes(): Promise<number | null>;
  readonly adversary: Adversary | null;
  /** Where states are had beside peers, by what members of the run tell of it on chain; left out: nowhere. */
  sourceBeside?(told: ToldStores): StateSource;
  /** Where everybody may read its states, said on chain beside its peer key; null says nothing. */
  readonly announcedStore: StoreAddress | null;
  readonly listen: { readonly host: string; readonly port: number };
  readonly outside: OutsideChoice;
  /** Companions leave it to the user's own host. */
  readonly measuresHeldOut: boolean;
  readonly extraEnv: ExtraEnv;
  readonly notices: Notices;
  log(line: string): void;
  onStaked(outcome: CodedError): void;
  /** A child failed too often and stays away until the next start. */
  onGaveUp(error: AppError): void;
  /** Whether training may run from the start. Asked when everything else is there. */
  mayTrain(): boolean;
  /** How far the start has come, for whoever shows progress. */
  onMilestone(milestone: Milestone): void;
}

export type Milestone = 'engine' | 'network' | 'registered' | 'peers';

/** One hotkey at work: `train`, `swarm`, chain, rounds. The same for the user's miner, companions and validators. */
export interface Work extends Hush {
  readonly config: RunConfig;
  readonly hotkeySigner: Signer;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly uid: number;
  readonly profileHash: Hex;
  readonly chain: ConnectedChain;
  readonly train: LastingClient<TrainContract>;
  readonly swarm: LastingClient<SwarmContract>;
  readonly rounds: Rounds;
  readonly peerBook: PeerBook;
  /** Where members of the run say that their states are read. */
  readonly toldStores: ToldStores;
  /** Processes under this run, with the memory each last reported. */
  processes(): readonly RunProcess[];
  stop(): Promise<void>;
}

export interface RunProcess {
  readonly name: string;
  readonly pid: number;
  readonly rssBytes: number | null;
}

/** Whose past it is: what a store knows a run by. */
export type RunOwner = Pick<Work, 'hotkey' | 'coldkey' | 'profileHash'>;

export interface WorkParts {
  readonly networks: Networks;
  /** What earlier starts of the run left to be shown. */
  readPast(owner: RunOwner): Promise<RoundsPast>;
  /** `train` where it was started ahead, to measure the machine. */
  readonly train: StartedTrain | null;
}

/**
 * Starts everything of a run in order and stops it in reverse. What was started is stopped again when a later part
 * cannot start.
 */
export async function startWork(config: RunConfig, parts: WorkParts, signal: AbortSignal): Promise<Work> {
  const stopping = new AbortController();
  const life = AbortSignal.any([signal, stopping.signal]);
  const started = stopStack({
    onProblem: (name, problem) => config.log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('run', () => stopping.abort());
  try {
    return await compose();
  } catch (error) {
    await started.stop();
    throw error;
  }

  async function compose(): Promise<Work> {
    const { dataDir, profile, keys } = config;
    const { consensus } = profile;
    const { hotkey } = keys;
    const hash = profileHash(consensus);
    const peerKey = await ensurePeerKey(dataDir);

    const training = parts.train ?? startTrain({ ...config, hotkey }, life);
    const [train, chain] = await together([keptTrain(training), openChain()]);
    const hotkeySigner = keys.vault.signer(HOTKEY, chain.callIndexes);
    const coldkeySigner = keys.coldkey && keys.vault.signer(COLDKEY, chain.callIndexes);
    const told = config.notices.notice;
    await checkPeerPort(config.listen, life);
    let rounds: Rounds | undefined;
    const [{ uid, coldkey }, swarm] = await together([registered(), keptSwarm()]);
    const peerBook = keepPeerBook(swarm.client);
    started.push('peer book', () => peerBook.stop());
    config.onMilestone('peers');

    const path = join(dataDir, 'commitment.json');
    const writer = await openCommitmentWriter({ chain, signer: hotkeySigner, path, told });
    const identity = encodeIdentityField({
      tag: runTagOf(hash),
      peerKey: peerKey.publicKey,
      store: config.announcedStore,
    });
    const kept = keepIdentity(writer, identity, config);
    started.push('identity', kept.stop);
    // Records of a witness go into the same slot, after it. All else of a run needs no word of it on chain to begin.
    if (config.role === 'validator') await kept.written;
    else kept.written.catch(() => undefined);
    if (config.stakeRao && coldkeySigner) started.push('staking', stake(config.stakeRao, coldkeySigner));

    const heard = (wait: AbortSignal) => swarm.client.call('stores', undefined, wait);
    const toldStores: ToldStores = (wait) => readToldStores({ chain, heard }, runTagOf(hash), wait);
    const driver = await startRounds({
      chain,
      train: train.client,
      swarm: swarm.client,
      consensus,
      profileHash: hash,
      hotkey,
      role: config.role,
      commitmentWriter: config.role === 'validator' ? hostParts(config.adversary).writing(writer) : null,
      dataDir,
      measuresHeldOut: config.measuresHeldOut,
      source: config.sourceBeside?.(toldStores) ?? null,
      isJudged: config.role === 'validator',
      isActive: config.mayTrain(),
      past: await parts.readPast({ hotkey, coldkey, profileHash: hash }),
      connected: connectedIn(peerBook),
      told,
      log: config.log,
      signal: life,
      clock: { nowMs: Date.now, elapsedMs: () => performance.now() },
    });
    rounds = driver;
    for (const summary of driver.history) peerBook.noteRound(summary);
    driver.on('settled', ({ summary }) => peerBook.noteRound(summary));
    started.push('rounds', () => driver.stop());
    driver.on('settled', () => driver.isBlocked || kept.again());
    train.onRestarted = () => driver.trainRestarted(train.client.ready.standing);

    const children = { train: train.child, swarm: swarm.child };
    return {
      config,
      hotkeySigner,
      hotkey,
      coldkey,
      uid,
      profileHash: hash,
      chain,
      train: train.client,
      swarm: swarm.client,
      rounds: driver,
      peerBook,
      toldStores,
      ...hushed(driver, () => swarm.renewBinding(life)),
      processes: () =>
        Object.entries(children).flatMap(([name, child]) =>
          child.state.kind === 'ready' ? [{ name, pid: child.state.pid, rssBytes: child.rssBytes }] : [],
        ),
      stop: () => started.stop(),
    };

    /** The first that fails ends the others, which are waited for: one that comes all the same is there to be stopped. */
    async function together<T extends readonly Promise<unknown>[]>(beginning: readonly [...T]) {
      try {
        return await Promise.all(beginning);
      } catch (thrown) {
        stopping.abort();
        await Promise.allSettled(beginning);
        throw thrown;
      }
    }

    async function registered(): Promise<Registration> {
      const { registrationLimitRao: limitRao, isConsentFresh } = config;
      const agreed = { coldkey: coldkeySigner, limitRao, isConsentFresh };
      const place = await register({ chain, hotkey, ...agreed, dataDir, told }, life);
      config.onMilestone('registered');
      return place;
    }

    /** It takes a second, which is there while the place is bought. */
    async function keptSwarm(): Promise<StartedSwarm> {
      const made = await startSwarm(
        {
          ...{ ...config, vault: keys.vault, hotkeyName: HOTKEY, peerKey, hotkey, chain },
          onRestarted: () => rounds?.swarmRestarted(),
          mayRenew: () => !rounds?.isBlocked,
        },
        life,
      );
      started.push('swarm', () => made.child.stop());
      return made;
    }

    async function keptTrain(starting: StartedTrain | Promise<StartedTrain>): Promise<StartedTrain> {
      const made = await starting;
      started.push('train', () => made.child.stop());
      config.onMilestone('engine');
      return made;
    }

    async function openChain(): Promise<ConnectedChain> {
      const share = await parts.networks.open(config.network, life);
      started.push('network', () => share.release());
      const { netuid, identity: expected } = consensus.chain;
      const found = await share.subnet(netuid, expected, life);
      config.onMilestone('network');
      return found;
    }

    function stake(amountRao: Rao, signer: Signer): () => void {
      const path = join(dataDir, 'stake.json');
      return stakeWhenOpen({
        chain,
        hotkey,
        coldkey: signer,
        amountRao,
        path,
        told,
        onStaked: config.onStaked,
        log: config.log,
        signal: life,
      });
    }
  }
}
