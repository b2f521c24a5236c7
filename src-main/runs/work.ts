import { join } from 'node:path';
import type { Notices } from '../../src-node/notices.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { TrainContract } from '../../src-shared/contract/train.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { encodeIdentityField } from '../../src-shared/rounds/identity-field.ts';
import type { Hex, Rao, Ss58 } from '../../src-shared/units.ts';
import { JOIN_TX_LIMIT_MS } from '../join/limits.ts';
import { ensureRegistered } from '../join/register.ts';
import { stakeWhenOpen } from '../join/stake.ts';
import type { Signer } from '../network/chain.ts';
import { openCommitmentWriter } from '../network/commitment-writer.ts';
import { type ConnectedChain, connectChain } from '../network/connect.ts';
import type { RoundsPast } from '../rounds/history.ts';
import { type Rounds, startRounds } from '../rounds/rounds.ts';
import { COLDKEY, HOTKEY } from '../vault/key-names.ts';
import { openVault } from '../vault/vault.ts';
import type { LastingClient } from './children.ts';
import { keepPeerBook, type PeerBook } from './peer-book.ts';
import { startSwarm } from './start-swarm.ts';
import { type StartedTrain, startTrain } from './start-train.ts';

export { COLDKEY, HOTKEY };

export interface RunConfig {
  readonly dataDir: string;
  readonly profile: Profile;
  readonly role: 'miner' | 'validator';
  /** Highest registration cost accepted without asking; the coldkey must lie in the run's own vault. */
  readonly registrationLimitRao: Rao;
  readonly stakeRao: Rao;
  readonly threads: number;
  readonly adversary: 'free-rider' | null;
  readonly swarmPort: number;
  readonly measuresHeldOut: boolean;
  readonly notices: Notices;
  log(line: string): void;
  /** A child failed too often and stays away until the next start. */
  onGaveUp?(error: AppError): void;
  /** Named milestones of the start, for whoever shows progress. */
  onMilestone?(milestone: Milestone): void;
}

export type Milestone =
  | 'trained-ready'
  | 'chain-connected'
  | 'registered'
  | 'peers-ready'
  | 'identity-written';

/** One hotkey at work: `train`, `swarm`, chain, rounds. The same for the user's miner, companions and validators. */
export interface Run {
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
export type RunOwner = Pick<Run, 'hotkey' | 'coldkey' | 'profileHash'>;

/**
 * Starts everything of a run in order and stops it in reverse. What was started is stopped again when a later part
 * cannot start.
 * @param readPast what earlier starts of the run left to be shown
 * @param prepared `train` where it was started ahead, to measure the machine
 */
export async function startRun(
  config: RunConfig,
  signal: AbortSignal,
  readPast: (owner: RunOwner) => Promise<RoundsPast>,
  prepared?: StartedTrain,
): Promise<Run> {
  const stopping = new AbortController();
  const life = AbortSignal.any([signal, stopping.signal]);
  const started = stopStack({
    onProblem: (name, problem) => config.log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('run', () => stopping.abort());
  const stop = () => started.stop();
  try {
    return await compose();
  } catch (error) {
    await stop();
    throw error;
  }

  async function compose(): Promise<Run> {
    const { dataDir, profile, role } = config;
    const { consensus } = profile;
    const told = config.notices.notice;
    const hash = profileHash(consensus);
    const vault = await openVault({ dir: join(dataDir, 'vault') });
    const [hotkey, coldkey] = [await vault.ensureHotkey(HOTKEY), await vault.ensurePracticeColdkey(COLDKEY)];
    let rounds: Rounds | undefined;

    // A failing connection aborts `life`, which ends a `train` that is still on its way.
    const training = prepared ?? startTrain({ ...config, hotkey }, life);
    const [train, chain] = await Promise.all([training, connect(profile, life)]);
    started.push('train', () => train.child.stop());
    started.push('chain', () => chain.stop());
    config.onMilestone?.('trained-ready');
    config.onMilestone?.('chain-connected');

    const indexes = () => chain.callIndexes();
    const hotkeySigner = vault.signer(HOTKEY, indexes);
    const coldkeySigner = vault.signer(COLDKEY, indexes);
    const [uid, swarm] = await Promise.all([
      ensureRegistered(chain, hotkey, coldkeySigner, config.registrationLimitRao, life),
      startSwarm(
        {
          dataDir,
          profile,
          vault,
          hotkeyName: HOTKEY,
          hotkey,
          chain,
          listen: { host: '127.0.0.1', port: config.swarmPort },
          notices: config.notices,
          log: config.log,
          onGaveUp: (error) => config.onGaveUp?.(error),
          onRestarted: () => rounds?.swarmRestarted(),
        },
        life,
      ),
    ]);
    started.push('swarm', () => swarm.child.stop());
    const peerBook = keepPeerBook(swarm.client);
    started.push('peer book', () => peerBook.stop());
    config.onMilestone?.('registered');
    config.onMilestone?.('peers-ready');

    const writer = await openCommitmentWriter({
      chain,
      signer: hotkeySigner,
      path: join(dataDir, 'commitment.json'),
      told,
    });
    const limit = withLimit(life, JOIN_TX_LIMIT_MS);
    await writer.resume(limit);
    const identity = encodeIdentityField({ tag: runTagOf(hash), peerKey: vault.peerKey().publicKey });
    await writer.ensureIdentity(identity, limit);
    if (config.stakeRao > 0n) {
      const { stakeRao: amountRao, log } = config;
      const path = join(dataDir, 'stake.json');
      const off = stakeWhenOpen({
        chain,
        hotkey,
        coldkey: coldkeySigner,
        amountRao,
        path,
        told,
        log,
        signal: life,
      });
      started.push('staking', off);
    }
    config.onMilestone?.('identity-written');

    rounds = await startRounds({
      chain,
      train: train.client,
      swarm: swarm.client,
      consensus,
      profileHash: hash,
      hotkey,
      role,
      commitmentWriter: role === 'validator' ? writer : null,
      dataDir,
      measuresHeldOut: config.measuresHeldOut,
      isJudged: role === 'validator',
      past: await readPast({ hotkey, coldkey, profileHash: hash }),
      connected: [...peerBook.peers].flatMap(([peer, { connected }]) => (connected ? [peer] : [])),
      told,
      log: config.log,
      signal: life,
      clock: { nowMs: Date.now, elapsedMs: () => performance.now() },
    });
    const driver = rounds;
    started.push('rounds', () => driver.stop());
    // An identity that had to wait for a vote to count is written once that round is over.
    driver.on('settled', () => {
      writer
        .ensureIdentity(identity, withLimit(life, JOIN_TX_LIMIT_MS))
        .catch((error: unknown) => life.aborted || config.log(`identity: ${error}`));
    });
    train.onRestarted = () => driver.trainRestarted(train.client.ready.standing);
    await driver.setActive(true);

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
      rounds,
      peerBook,
      processes: () =>
        Object.entries(children).flatMap(([name, child]) =>
          child.state.kind === 'ready' ? [{ name, pid: child.state.pid, rssBytes: child.rssBytes }] : [],
        ),
      stop,
    };
  }
}

function connect(profile: Profile, signal: AbortSignal): Promise<ConnectedChain> {
  const { chain } = profile.consensus;
  return connectChain({
    endpoints: profile.local.endpoints,
    netuid: chain.netuid,
    expected: chain.identity,
    signal,
  });
}
