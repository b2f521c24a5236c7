import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import { devnetContract } from '../../src-shared/contract/devnet.ts';
import type { RunFacts, SetupDetail, SetupStep } from '../../src-shared/contract/page/runs.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { profileHash, runTagOf } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { rao, type Ss58 } from '../../src-shared/units.ts';
import { chainGenesis, type GenesisKeys, REGISTRATION_LIMIT_RAO } from '../devnet/genesis.ts';
import { openWhenReady } from '../devnet/opening.ts';
import { entryPath } from '../entry-path.ts';
import { type ScoredRun, startScoredRun } from '../runs/scored-run.ts';
import { startTrain } from '../runs/start-train.ts';
import type { RunProcess } from '../runs/work.ts';
import { COLDKEY } from '../runs/work.ts';
import type { Store } from '../store/store.ts';
import { superviseChild } from '../supervisor/supervise.ts';
import { openVault } from '../vault/vault.ts';
import { type Companion, processOf, startCompanions } from './companions.ts';
import { freePorts } from './free-port.ts';
import { practiceBlockMs } from './genesis.ts';
import { practiceIdentity, practiceIdentityFile, settleBlockMs } from './identity.ts';
import { COMPANIONS_STOP_MS } from './limits.ts';
import { OWN_MINER, ownerFolder, type Player, players, practiceKeys } from './practice-keys.ts';
import { SetupSteps } from './setup-steps.ts';
import { watchFirsts } from './watch-firsts.ts';

export interface PracticeOptions {
  /** Everything of the practice lies below: chain, players, their models. */
  readonly folder: string;
  readonly adversary: 'free-rider' | null;
  readonly store: Store;
  setup(steps: readonly SetupStep[]): void;
  /** Told once the own hotkey and the profile are there, before anything of it runs. */
  chosen(hotkey: Ss58, facts: RunFacts): void;
  readonly notices: Notices;
  log(line: string): void;
  /** A process failed too often and stays away until the next start. */
  gaveUp(error: AppError): void;
  readonly signal: AbortSignal;
}

/** A whole practice: a chain, the user's own miner, three companion miners and one validator. */
export interface Practice {
  readonly run: ScoredRun;
  readonly profile: Profile;
  readonly players: readonly Player[];
  readonly keys: GenesisKeys;
  readonly companions: readonly Companion[];
  /** Every process under the host now. */
  processes(): readonly RunProcess[];
  /** Every process id ever seen, to prove that none was left. */
  pidsSeen(): ReadonlySet<number>;
  stop(): Promise<void>;
}

/** Starts a practice, or goes on with the one in the folder. */
export async function startPractice(options: PracticeOptions): Promise<Practice> {
  const { folder, store, log } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const started = stopStack({
    limitMs: COMPANIONS_STOP_MS,
    onProblem: (name, problem) => log(`${name} did not stop cleanly: ${problem}`),
  });
  started.push('practice', () => stopping.abort());
  const steps = new SetupSteps(options.setup);
  const everybody = players(folder, options.adversary);
  try {
    return await compose();
  } catch (error) {
    steps.fail({ code: 'unfinished', params: {} });
    await started.stop();
    throw error;
  }

  async function compose(): Promise<Practice> {
    steps.set('keys', 'working');
    const keys = await practiceKeys(folder, everybody);
    const identityFile = practiceIdentityFile(folder, options.notices.notice);
    const identity = await practiceIdentity(identityFile);
    const [chainPort = 0, swarmPort = 0] = await freePorts(2);
    const profile = practiceProfile({
      witness: keys.validator.hotkey,
      ownerColdkey: keys.owner.coldkey,
      endpoint: `ws://127.0.0.1:${chainPort}`,
      bootstrap: [`/ip4/127.0.0.1/tcp/${swarmPort}`],
    });
    steps.set('keys', 'done');
    const hotkey = keys.miners[0]?.hotkey ?? keys.validator.hotkey;
    options.chosen(hotkey, factsOf(profile));

    // The machine is measured before it gets busy: the block time follows from the length of an inner step.
    steps.set('engine', 'working');
    const ownFolder = join(folder, OWN_MINER);
    const train = await startTrain(
      {
        dataDir: ownFolder,
        profile,
        hotkey,
        role: 'miner',
        threads: 1,
        adversary: null,
        notices: options.notices,
        log,
        onGaveUp: options.gaveUp,
      },
      signal,
    );
    started.push('own train', () => train.child.stop());
    steps.set('engine', 'done');

    const { stepMs } = train.client.ready;
    const trainers = everybody.filter(({ role }) => role === 'miner').length;
    const { ready } = profile.consensus.clock;
    const blockMs = await settleBlockMs(identityFile, identity, () =>
      practiceBlockMs(stepMs, trainers, availableParallelism(), ready),
    );
    steps.set('chain', 'working');
    const devnet = superviseChild({
      contract: devnetContract,
      name: 'devnet',
      entry: entryPath('devnet'),
      init: () =>
        v.parse(
          devnetContract.init,
          chainGenesis(keys, identity, { dataDir: join(folder, 'chain'), port: chainPort, blockMs }),
        ),
      log,
      onNotice: noticeOfChild(options.notices),
      onState: (state) => state.kind === 'failed' && options.gaveUp(state.error),
    });
    started.push('devnet', () => devnet.stop());
    await devnet.whenReady(signal);
    steps.set('chain', 'done');

    steps.set('companions', 'working');
    const companions = startCompanions({
      players: everybody.filter(({ name }) => name !== OWN_MINER),
      profile,
      notices: options.notices,
      log,
      gaveUp: options.gaveUp,
    });
    started.push('companions', () => companions.stop());

    steps.set('registration', 'working');
    const run = await startScoredRun(
      {
        dataDir: ownFolder,
        profile,
        role: 'miner',
        registrationLimitRao: REGISTRATION_LIMIT_RAO,
        stakeRao: rao(0n),
        threads: 1,
        adversary: null,
        swarmPort,
        measuresHeldOut: true,
        notices: options.notices,
        log,
        onGaveUp: options.gaveUp,
        onMilestone: (milestone) => {
          if (milestone === 'registered') steps.set('registration', 'done');
        },
      },
      store,
      signal,
      train,
    );
    started.push('own run', () => run.stop());
    await openSubnet(run);
    watchFirsts(run, steps);

    const processes = () => [...run.processes(), ...processOf('devnet', devnet), ...companions.processes()];
    return {
      run,
      profile,
      players: everybody,
      keys,
      companions: companions.all,
      processes,
      pidsSeen: () => new Set([...companions.pidsSeen, ...processes().map(({ pid }) => pid)]),
      stop: () => started.stop(),
    };

    async function openSubnet(own: ScoredRun): Promise<void> {
      const vault = await openVault({ dir: join(ownerFolder(folder), 'vault') });
      await vault.ensurePracticeColdkey(COLDKEY);
      const needed = profile.consensus.group.minMembers;
      steps.set('peers', 'working', minersReady(0, needed));
      const opening = openWhenReady({
        chain: own.chain,
        runTag: runTagOf(own.profileHash),
        owner: vault.signer(COLDKEY, () => own.chain.callIndexes()),
        miners: async () => keys.miners.map((miner) => miner.hotkey),
        witness: keys.validator.hotkey,
        minersNeeded: needed,
        progress: ({ miners: ready }) => {
          steps.set('peers', 'working', minersReady(ready, needed));
          if (ready > 1) steps.set('companions', 'done');
        },
        log,
        signal,
      });
      started.push('opening', () => opening.stop());
      void opening.opened.then(() => {
        steps.set('companions', 'done');
        steps.set('peers', 'done');
        steps.set('round', 'working');
      });
    }
  }
}

const minersReady = (ready: number, needed: number): SetupDetail => ({
  code: 'miners-ready',
  params: { ready, needed },
});

const factsOf = ({ consensus, local }: Profile): RunFacts => ({
  profile: consensus.name,
  profileHash: profileHash(consensus),
  netuid: consensus.chain.netuid,
  role: 'miner',
  mark: local.mark,
  startedAtMs: Date.now(),
  network: 'practice',
  controls: ['pause'],
  continuesAtRound: null,
});
