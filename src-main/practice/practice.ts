import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { companionContract } from '../../src-shared/contract/companion.ts';
import { devnetContract } from '../../src-shared/contract/devnet.ts';
import type { SetupStep, View } from '../../src-shared/contract/page.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { rao } from '../../src-shared/units.ts';
import { entryPath } from '../entry-path.ts';
import type { RunProcess } from '../run/run.ts';
import { COLDKEY } from '../run/run.ts';
import { type ScoredRun, startScoredRun } from '../run/scored-run.ts';
import { startTrain } from '../run/start-train.ts';
import { stopStack } from '../stop-stack.ts';
import { readDurable, writeDurable } from '../store/durable-json.ts';
import type { Store } from '../store/store.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import { openVault } from '../vault/vault.ts';
import { freePorts } from './free-port.ts';
import {
  type GenesisKeys,
  newPracticeIdentity,
  type PracticeIdentity,
  practiceBlockMs,
  practiceGenesis,
  REGISTRATION_LIMIT_RAO,
  VALIDATOR_STAKE_RAO,
} from './genesis.ts';
import { COMPANION_STOP_MS, COMPANIONS_STOP_MS } from './limits.ts';
import { openWhenReady } from './opening.ts';
import { OWN_MINER, ownerFolder, type Player, players, practiceKeys } from './practice-keys.ts';
import { SetupSteps } from './setup-steps.ts';

export interface PracticeOptions {
  /** Everything of the practice lies below: chain, players, their models. */
  readonly folder: string;
  readonly adversary: 'free-rider' | null;
  readonly store: Store;
  setup(steps: readonly SetupStep[]): void;
  /** Told once the profile is written, before anything of it runs. */
  chosen(run: NonNullable<View['run']>): void;
  log(line: string): void;
  /** A process failed too often and stays away until the next start. */
  gaveUp(error: AppError): void;
  readonly signal: AbortSignal;
}

export interface Companion {
  readonly player: Player;
  readonly child: SupervisedChild<typeof companionContract>;
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
    steps.fail('This step did not finish.');
    await started.stop();
    throw error;
  }

  async function compose(): Promise<Practice> {
    steps.set('keys', 'working');
    const keys = await practiceKeys(folder, everybody);
    const identity = await practiceIdentity(folder);
    const [chainPort = 0, swarmPort = 0] = await freePorts(2);
    const profile = practiceProfile({
      witness: keys.validator.hotkey,
      ownerColdkey: keys.owner.coldkey,
      endpoint: `ws://127.0.0.1:${chainPort}`,
      bootstrap: [`/ip4/127.0.0.1/tcp/${swarmPort}`],
    });
    steps.set('keys', 'done');
    options.chosen(runOf(profile));

    // The machine is measured before it gets busy: the block time follows from the length of an inner step.
    steps.set('engine', 'working');
    const ownFolder = join(folder, OWN_MINER);
    const hotkey = keys.miners[0]?.hotkey ?? keys.validator.hotkey;
    const train = await startTrain(
      {
        dataDir: ownFolder,
        profile,
        hotkey,
        role: 'miner',
        threads: 1,
        adversary: null,
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
    const blockMs = identity.blockMs ?? practiceBlockMs(stepMs, trainers, availableParallelism(), ready);
    await writeDurable(identityPath(folder), { ...identity, blockMs });
    steps.set('chain', 'working');
    const devnet = superviseChild({
      contract: devnetContract,
      name: 'devnet',
      entry: entryPath('devnet'),
      init: () =>
        v.parse(
          devnetContract.init,
          practiceGenesis(keys, identity, { dataDir: join(folder, 'chain'), port: chainPort, blockMs }),
        ),
      log,
      onState: (state) => state.kind === 'failed' && options.gaveUp(state.error),
    });
    started.push('devnet', () => devnet.stop());
    await devnet.whenReady(signal);
    steps.set('chain', 'done');

    const pids = new Set<number>();
    const below = new Map<string, readonly RunProcess[]>();
    steps.set('companions', 'working');
    const companions = everybody
      .filter(({ name }) => name !== OWN_MINER)
      .map((player) => startCompanion(player, profile));
    started.push('companions', () => Promise.all(companions.map(({ child }) => child.stop())));

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

    return {
      run,
      profile,
      players: everybody,
      keys,
      companions,
      processes,
      pidsSeen: () => {
        for (const { pid } of processes()) pids.add(pid);
        return pids;
      },
      stop: () => started.stop(),
    };

    function processes(): readonly RunProcess[] {
      const own = [...run.processes(), ...processOf('devnet', devnet)];
      const others = companions.flatMap(({ player, child }) => [
        ...processOf(player.name, child),
        ...(below.get(player.name) ?? []).map((process) => ({
          ...process,
          name: `${player.name}/${process.name}`,
        })),
      ]);
      return [...own, ...others];
    }

    function startCompanion(player: Player, at: Profile): Companion {
      const child = superviseChild({
        contract: companionContract,
        name: player.name,
        entry: entryPath('companion'),
        init: () => ({
          dataDir: player.folder,
          profile: at,
          role: player.role,
          registrationLimitRao: REGISTRATION_LIMIT_RAO,
          stakeRao: player.role === 'validator' ? VALIDATOR_STAKE_RAO : 0n,
          threads: 1,
          adversary: player.adversary,
        }),
        limits: { stopMs: COMPANION_STOP_MS },
        log: (line) => log(`${player.name}: ${line}`),
        onState: (state) => {
          if (state.kind === 'ready') pids.add(state.pid);
          if (state.kind === 'failed') options.gaveUp(state.error);
        },
      });
      child.on('processes', (told) => {
        below.set(player.name, told.processes);
        for (const { pid } of told.processes) pids.add(pid);
      });
      return { player, child };
    }

    async function openSubnet(own: ScoredRun): Promise<void> {
      const vault = await openVault({ dir: join(ownerFolder(folder), 'vault') });
      await vault.ensurePracticeColdkey(COLDKEY);
      const needed = profile.consensus.group.minMembers;
      steps.set('peers', 'working', `0 of ${needed} miners are ready`);
      const opening = openWhenReady({
        run: own,
        owner: vault.signer(COLDKEY, () => own.chain.callIndexes()),
        miners: keys.miners.map((miner) => miner.hotkey),
        witness: keys.validator.hotkey,
        minersNeeded: needed,
        progress: (ready) => {
          steps.set('peers', 'working', `${ready} of ${needed} miners are ready`);
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

const processOf = (
  name: string,
  child: Pick<SupervisedChild<never>, 'state' | 'rssBytes'>,
): readonly RunProcess[] =>
  child.state.kind === 'ready' ? [{ name, pid: child.state.pid, rssBytes: child.rssBytes }] : [];

/** Ticks off what happens for the first time: a committed round, scores, pay. */
function watchFirsts(run: ScoredRun, steps: SetupSteps): void {
  run.rounds.on('view', (view) => {
    if (view && view.round >= 0)
      steps.set('round', 'working', `Block ${view.blockInRound} of ${view.blocksPerRound}`);
  });
  run.rounds.on('settled', ({ summary }) => {
    if (summary.outcome !== 'committed') return;
    steps.set('round', 'done');
    steps.set('scores', 'working');
  });
  run.onScores('scores', ({ mine }) => {
    if (mine?.total === null || mine?.total === undefined) return;
    steps.set('scores', 'done');
    steps.set('earnings', 'working', 'The chain pays at the end of each epoch');
  });
  const lookAtPay = async () => {
    const { lastEpoch } = await run.earnings.view();
    if (lastEpoch && lastEpoch.alpha > 0n) steps.set('earnings', 'done');
  };
  run.earnings.onChange(() => void lookAtPay().catch(() => undefined));
}

const runOf = ({ consensus, local }: Profile): NonNullable<View['run']> => ({
  profile: consensus.name,
  profileHash: profileHash(consensus),
  netuid: consensus.chain.netuid,
  role: 'miner',
  mark: local.mark,
  startedAtMs: Date.now(),
});

const identitySchema = v.object({
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  genesisTimeMs: v.number(),
  controlToken: v.pipe(v.string(), v.minLength(16)),
  blockMs: v.nullable(v.number()),
});

const identityPath = (folder: string): string => join(folder, 'practice.json');

async function practiceIdentity(folder: string): Promise<PracticeIdentity> {
  const kept = await readDurable(identityPath(folder), v.nullable(identitySchema), null);
  if (kept) return kept;
  const made = newPracticeIdentity(Date.now());
  await writeDurable(identityPath(folder), made);
  return made;
}
