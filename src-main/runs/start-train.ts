import { join } from 'node:path';
import { hubUrl } from '../../src-node/hub-url.ts';
import { type Notices, noticeOfChild } from '../../src-node/notices.ts';
import { type Adversary, partOf, trainAdversarySchema } from '../../src-shared/contract/adversary.ts';
import type { InitOf } from '../../src-shared/contract/child.ts';
import {
  type EngineChoice,
  type EngineKind,
  type TrainContract,
  trainContract,
} from '../../src-shared/contract/train.ts';
import type { AppError } from '../../src-shared/errors/app-error.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { corpusDir, entryPath } from '../entry-path.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { isCrash } from '../supervisor/process-end.ts';
import { type SupervisedChild, superviseChild } from '../supervisor/supervise.ts';
import { type LastingClient, lastingClient } from './children.ts';
import { tellShare } from './share.ts';

export interface TrainOptions {
  readonly dataDir: string;
  readonly profile: Profile;
  readonly hotkey: Ss58;
  readonly role: 'miner' | 'validator';
  readonly engine: EngineChoice;
  /** How hard it may work, as was chosen last. */
  share(): number;
  /** What of fetched text it may keep; left out where its text comes with Butterfly. */
  readonly textBytes?: () => number;
  /** Memory of its card that nobody uses now; null: nobody can tell. */
  freeBytes(): Promise<number | null>;
  readonly adversary: Adversary | null;
  readonly extraEnv: ExtraEnv;
  readonly notices: Notices;
  log(line: string): void;
  onGaveUp(error: AppError): void;
}

export interface StartedTrain {
  readonly child: SupervisedChild<TrainContract>;
  readonly client: LastingClient<TrainContract>;
  /** Called each time the supervisor has brought `train` back; set by whoever drives it. */
  onRestarted: (() => void) | null;
}

/** Folder of the round files that `train` and `swarm` hand each other. */
export const spoolDir = (dataDir: string): string => join(dataDir, 'spool');

/** Folder of the model's state files. */
export const stateDirOf = (dataDir: string): string => join(dataDir, 'model');

/**
 * What a life that was ready crashed with, where it computed on what native code of others can take along. A process that
 * was killed, or told of an error itself, did not crash. Pure.
 */
export function lostWith(
  before: AppError | null,
  computed: EngineKind | null,
): InitOf<TrainContract>['lostInUse'] {
  if (before?.code !== 'CHILD_EXITED' || !isCrash(String(before.params.reason))) return null;
  return computed === 'gpu' || computed === 'tensorflow' ? computed : null;
}

/** Where text of elsewhere comes from and is kept. */
function textOf({ dataDir, profile, textBytes }: TrainOptions): InitOf<TrainContract>['text'] {
  if (profile.consensus.dataset.kind === 'embedded') return undefined;
  return {
    dir: join(dataDir, 'text'),
    quotaBytes: textBytes?.() ?? 0,
    hubUrl: hubUrl(),
    folder: profile.local.textFolder ?? null,
  };
}

/** Starts `train` and waits until it stands on a base. It needs no chain and no peers for that. */
export async function startTrain(options: TrainOptions, signal: AbortSignal): Promise<StartedTrain> {
  const { dataDir, profile, hotkey, role, engine, adversary } = options;
  let started: StartedTrain | undefined;
  let begunWith = options.share();
  /** Of the life that goes on, once it is ready. */
  let computes: EngineKind | null = null;
  const child = superviseChild({
    contract: trainContract,
    name: 'train',
    entry: entryPath('train'),
    extraEnv: options.extraEnv,
    async init(before) {
      begunWith = options.share();
      const lostInUse = lostWith(before, computes);
      computes = null;
      return {
        stateDir: stateDirOf(dataDir),
        spoolDir: spoolDir(dataDir),
        corpusDir: corpusDir(),
        text: textOf(options),
        consensus: profile.consensus,
        profileHash: profileHash(profile.consensus),
        hotkey,
        trains: role === 'miner',
        engine: { ...engine, share: begunWith },
        freeBytes: await options.freeBytes(),
        lostInUse,
        adversary: partOf(trainAdversarySchema, adversary),
      };
    },
    log: options.log,
    onNotice: noticeOfChild(options.notices),
    onState: (state) => state.kind === 'failed' && options.onGaveUp(state.error),
    onReady(ready) {
      options.log(`train computes on ${ready.ready.engine}`);
      computes = ready.ready.computes;
      // What was chosen while it started.
      if (options.share() !== begunWith) void tellShare(ready, options.share(), options.log);
      if (!started) return;
      started.client.renew(ready.ready);
      started.onRestarted?.();
    },
  });
  try {
    const first = await child.whenReady(signal);
    started = { child, client: lastingClient(() => child, first.ready), onRestarted: null };
    return started;
  } catch (error) {
    await child.stop();
    throw error;
  }
}
