import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import { type CompanionContract, companionContract } from '../../src-shared/contract/companion.ts';
import { onProcessor } from '../../src-shared/contract/train.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { REGISTRATION_LIMIT_RAO, VALIDATOR_STAKE_RAO } from '../devnet/genesis.ts';
import type { RunProcess } from '../runs/work.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import { COMPANION_CALL_MS, COMPANION_STOP_MS } from './limits.ts';
import type { Player } from './practice-keys.ts';

export interface Companion {
  readonly player: Player;
  readonly child: SupervisedChild<CompanionContract>;
}

export interface Companions {
  readonly all: readonly Companion[];
  /** Companions and the processes below them, as last told. */
  processes(): readonly RunProcess[];
  /** Rests or wakes all of them; one that is away just now is told when it is back. */
  setActive(active: boolean): Promise<void>;
  /** Resolves once each of them works. @throws {AppError} CHILD_GAVE_UP, CANCELLED */
  allReady(signal: AbortSignal): Promise<void>;
  /** Every process id ever seen among them. */
  readonly pidsSeen: ReadonlySet<number>;
  stop(): Promise<void>;
}

export interface CompanionsOptions {
  /** The program of a companion. */
  readonly entry: string;
  readonly players: readonly Player[];
  /** Whether they may train from the start. */
  readonly isActive: boolean;
  readonly profile: Profile;
  readonly extraEnv: ExtraEnv;
  readonly notices: Notices;
  log(line: string): void;
  gaveUp(error: AppError): void;
}

/** Starts whole hosts as children, each with its own data folder and keys. */
export function startCompanions(options: CompanionsOptions): Companions {
  const pidsSeen = new Set<number>();
  const below = new Map<string, readonly RunProcess[]>();
  let { isActive } = options;
  const all = options.players.map(start);

  function start(player: Player): Companion {
    /** What its newest life was begun with. */
    let beganActive = isActive;
    const child = superviseChild({
      contract: companionContract,
      name: player.name,
      entry: options.entry,
      extraEnv: options.extraEnv,
      init() {
        beganActive = isActive;
        return {
          dataDir: player.folder,
          profile: options.profile,
          role: player.role,
          registrationLimitRao: REGISTRATION_LIMIT_RAO,
          stakeRao: player.role === 'validator' ? VALIDATOR_STAKE_RAO : 0n,
          engine: onProcessor(1),
          active: isActive,
          adversary: player.adversary,
          extraEnv: options.extraEnv,
        };
      },
      limits: { stopMs: COMPANION_STOP_MS },
      log: options.log,
      onNotice: noticeOfChild(options.notices),
      onState: (state) => {
        if (state.kind === 'ready') {
          pidsSeen.add(state.pid);
          // What was said while it started. By the child that this state is of, once it is known here.
          if (isActive !== beganActive) queueMicrotask(() => void tellActive(child));
        }
        if (state.kind === 'failed') options.gaveUp(state.error);
      },
    });
    child.on('processes', (told) => {
      below.set(player.name, told.processes);
      for (const { pid } of told.processes) pidsSeen.add(pid);
    });
    return { player, child };
  }

  const tellActive = (child: Companion['child']) =>
    child
      .call('setActive', { active: isActive }, AbortSignal.timeout(COMPANION_CALL_MS))
      .catch((error: unknown) =>
        options.log(`${child.name} could not be told to ${isActive ? 'work' : 'rest'}: ${error}`),
      );

  return {
    all,
    pidsSeen,
    async setActive(active) {
      isActive = active;
      // One that is away or starting hears of it once it is ready.
      const here = all.filter(({ child }) => child.state.kind === 'ready');
      await Promise.all(here.map(({ child }) => tellActive(child)));
    },
    async allReady(signal) {
      await Promise.all(all.map(({ child }) => child.whenReady(signal)));
    },
    processes: () =>
      all.flatMap(({ player: { name }, child }) => [
        ...processOf(name, child),
        ...(below.get(name) ?? []).map((process) => ({ ...process, name: `${name}/${process.name}` })),
      ]),
    async stop() {
      await Promise.all(all.map(({ child }) => child.stop()));
    },
  };
}

/** A supervised child as a list of one process, or none while it is away. */
export const processOf = (
  name: string,
  { state, rssBytes }: Pick<SupervisedChild<never>, 'state' | 'rssBytes'>,
): readonly RunProcess[] => (state.kind === 'ready' ? [{ name, pid: state.pid, rssBytes }] : []);
