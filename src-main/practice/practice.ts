import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Notices } from '../../src-node/notices.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import { withLimit } from '../../src-node/waits.ts';
import type { Adversary } from '../../src-shared/contract/adversary.ts';
import type { SetupStepId } from '../../src-shared/contract/page/runs.ts';
import type { EngineChoice } from '../../src-shared/contract/train.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { type GenesisKeys, REGISTRATION_LIMIT_RAO } from '../devnet/genesis.ts';
import { entryPath } from '../entry-path.ts';
import { makeKeys } from '../join/keys.ts';
import type { Networks } from '../network/networks.ts';
import type { RunPlace } from '../runs/joined.ts';
import type { PlanEvents, RunBody, RunPlan } from '../runs/plan.ts';
import { startRun } from '../runs/run.ts';
import { SetupSteps } from '../runs/setup-steps.ts';
import { startTrain } from '../runs/start-train.ts';
import { watchFirsts } from '../runs/watch-firsts.ts';
import type { Store } from '../store/store.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { startPracticeChain } from './chain.ts';
import { type Companion, processOf, startCompanions } from './companions.ts';
import { freePorts } from './free-port.ts';
import { practiceIdentity, practiceIdentityFile } from './identity.ts';
import { COMPANIONS_STOP_MS, REUNION_MS, SETUP_BLOCK_MS } from './limits.ts';
import { openSubnet } from './open-subnet.ts';
import { firstBlockMs } from './pace.ts';
import { keysDirOf, OWN_MINER, type Player, players, practiceKeys } from './practice-keys.ts';
import { PRACTICE_NETWORK, practiceFacts } from './profile.ts';
import { keepPace, roundBlocks } from './watch-pace.ts';

export interface PracticeOptions {
  /** Everything of the practice lies below: chain, players, their models. */
  readonly folder: string;
  readonly adversary: Adversary | null;
  readonly engine: EngineChoice;
  /** How hard it may work, as was chosen last. */
  share(): number;
  /** Memory of its card that nobody uses now; null: nobody can tell. */
  freeBytes(): Promise<number | null>;
  readonly networks: Networks;
  readonly store: Store;
  readonly extraEnv: ExtraEnv;
  noticesOf(run: Ss58): Notices;
  log(line: string): void;
}

/** A whole practice: a chain, the user's own miner, three companion miners and one validator. */
export interface Practice extends RunBody {
  readonly profile: Profile;
  readonly players: readonly Player[];
  readonly keys: GenesisKeys;
  readonly companions: readonly Companion[];
  /** Every process id ever seen, to prove that none was left. */
  pidsSeen(): ReadonlySet<number>;
}

export interface PracticePlan extends RunPlan {
  /** For whoever works beside it. */
  readonly at: RunPlace;
  begin(told: PlanEvents, signal: AbortSignal): Promise<Practice>;
}

/** What a practice start goes through, in the order in which it is listed. */
const order: readonly SetupStepId[] = [
  'keys',
  'engine',
  'chain',
  'companions',
  'registration',
  'peers',
  'round',
  'scores',
  'earnings',
];

/**
 * A practice in this folder, new or gone on with: makes everybody's keys and names the own run.
 * @param continuesAt the round after the newest that the store knows of
 */
export async function planPractice(
  options: PracticeOptions,
  continuesAt: Store['continuesAt'],
): Promise<PracticePlan> {
  const everybody = players(options.folder, options.adversary);
  const keys = await practiceKeys(options.folder, everybody);
  const [chainPort = 0, swarmPort = 0] = await freePorts(2);
  const profile = practiceProfile({
    witness: keys.validator.hotkey,
    otherWitnesses: (keys.otherValidators ?? []).map(({ hotkey }) => hotkey),
    ownerColdkey: keys.owner.coldkey,
    endpoint: `ws://127.0.0.1:${chainPort}`,
    bootstrap: [`/ip4/127.0.0.1/tcp/${swarmPort}`],
  });
  const id = keys.miners[0]?.hotkey ?? keys.validator.hotkey;
  const facts = practiceFacts(profile, await continuesAt(profileHash(profile.consensus), id));
  const planned = {
    ...{ profile, keys, everybody, chainPort, swarmPort },
    isNew: facts.continuesAtRound === null,
    notices: options.noticesOf(id),
  };
  return {
    id,
    facts,
    keysDir: keysDirOf(join(options.folder, OWN_MINER)),
    waitsForChain: false,
    at: profile.local,
    begin: (told, signal) => startPractice(options, planned, told, signal),
  };
}

interface Planned {
  readonly profile: Profile;
  readonly keys: GenesisKeys;
  readonly everybody: readonly Player[];
  readonly chainPort: number;
  readonly swarmPort: number;
  readonly isNew: boolean;
  readonly notices: Notices;
}

async function startPractice(
  options: PracticeOptions,
  { profile, keys, everybody, chainPort, swarmPort, isNew, notices }: Planned,
  told: PlanEvents,
  signal: AbortSignal,
): Promise<Practice> {
  const { folder, networks, store, extraEnv, log } = options;
  const stopping = new AbortController();
  const life = AbortSignal.any([signal, stopping.signal]);
  const started = stopStack({
    limitMs: COMPANIONS_STOP_MS,
    onProblem: (name, problem) => log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('practice', () => stopping.abort());
  // Who goes on with a practice has been through it: the list would only tell what is long done.
  const steps = new SetupSteps(order, (list) => isNew && told.setup(list));
  try {
    return await compose();
  } catch (error) {
    steps.fail({ code: 'unfinished', params: {} });
    await started.stop();
    throw error;
  }

  async function compose(): Promise<Practice> {
    const { consensus } = profile;
    const { group } = consensus;
    steps.set('keys', 'done');
    const ownFolder = join(folder, OWN_MINER);
    const ownKeys = await makeKeys(keysDirOf(ownFolder));
    const own = {
      dataDir: ownFolder,
      keys: ownKeys,
      hotkey: ownKeys.hotkey,
      network: { name: PRACTICE_NETWORK, endpoints: profile.local.endpoints },
      profile,
      role: 'miner',
      engine: options.engine,
      share: options.share,
      freeBytes: options.freeBytes,
      adversary: null,
      extraEnv,
      notices,
      log,
      onGaveUp: told.gaveUp,
      mayTrain: told.mayTrain,
    } as const;

    // The machine is measured before it gets busy: the first block time follows from the length of an inner step.
    steps.set('engine', 'working');
    const train = await startTrain(own, life);
    started.push('own train', () => train.child.stop());
    steps.set('engine', 'done');

    steps.set('chain', 'working');
    const trainers = everybody.filter(({ role }) => role === 'miner').length;
    const shared = { trainers, cores: availableParallelism() };
    const blockMs = firstBlockMs(train.client.ready.stepMs, shared, roundBlocks(consensus));
    const identity = await practiceIdentity(practiceIdentityFile(folder, notices.notice));
    const devnet = await startPracticeChain(
      {
        ...{ folder, keys, identity, port: chainPort, extraEnv, notices, log, gaveUp: told.gaveUp },
        blockMs: SETUP_BLOCK_MS,
      },
      life,
    );
    started.push('devnet', () => devnet.stop());
    steps.set('chain', 'done');

    steps.set('companions', 'working');
    const others = everybody.filter(({ name }) => name !== OWN_MINER);
    const companions = startCompanions({
      entry: entryPath('companion'),
      players: others,
      isActive: told.mayTrain(),
      profile,
      extraEnv,
      notices,
      log,
      gaveUp: told.gaveUp,
    });
    started.push('companions', () => companions.stop());

    steps.set('registration', 'working');
    const run = await startRun(
      {
        ...own,
        registrationLimitRao: REGISTRATION_LIMIT_RAO,
        stakeRao: null,
        isConsentFresh: false,
        onStaked: () => undefined,
        announcedStore: null,
        listen: { host: '127.0.0.1', port: swarmPort },
        outside: { mapsPort: false, mayRelay: false },
        measuresHeldOut: true,
        onMilestone: (milestone) => milestone === 'registered' && steps.set('registration', 'done'),
      },
      { networks, store, train },
      life,
    );
    started.push('own run', () => run.stop());
    const { minMembers: minersNeeded } = group;
    const opening = await openSubnet({
      run,
      devnet,
      folder,
      keys,
      minersNeeded,
      blockMs,
      steps,
      log,
      signal: life,
    });
    started.push('opening', () => opening.stop());
    watchFirsts(run, steps);
    const { inner, model } = profile.consensus;
    const tokensPerStep = inner.microBatchesPerStep * inner.sequencesPerMicroBatch * model.context;
    const pace = { consensus, tokensPerStep, blockMs: devnet.ready.blockMs ?? SETUP_BLOCK_MS, log };
    // Somebody who is late keeps nobody: the chain goes on by itself in the end.
    void companions
      .allReady(withLimit(life, REUNION_MS))
      .then(() => devnet.goOn(life))
      .catch((error: unknown) => life.aborted || log(`not everybody is back: ${error}`));
    started.push('pace', keepPace(run, devnet.child, pace, life));

    const processes = () => [
      ...run.processes(),
      ...processOf('devnet', devnet.child),
      ...companions.processes(),
    ];
    return {
      run,
      profile,
      players: everybody,
      keys,
      companions: companions.all,
      processes,
      pidsSeen: () => new Set([...companions.pidsSeen, ...processes().map(({ pid }) => pid)]),
      // Everything rests but the chain: others that go on would keep the machine busy.
      async setActive(active) {
        await Promise.all([run.rounds.setActive(active), companions.setActive(active)]);
      },
      setBlocked: run.setBlocked,
      setForeign: run.setForeign,
      stop: () => started.stop(),
    };
  }
}
