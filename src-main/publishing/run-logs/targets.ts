import { join } from 'node:path';
import type { RunLogTarget } from '../../../src-shared/contract/publish/run-logs.ts';
import {
  displayNameOf,
  projectNameOf,
  runIdOf,
  WANDB_PUBLIC,
} from '../../../src-shared/run-logs/wandb-names.ts';
import type { SettingValues } from '../../../src-shared/settings.ts';

/** What a run is, as it is told to others: nothing of it is secret. */
export interface ToldRun {
  /** In the store, and which numbering its rows have there. */
  readonly storeId: number;
  readonly startedMs: number;
  readonly hotkey: string;
  readonly uid: number;
  /** Under which others speak with it: everybody in the swarm knows it. */
  readonly peerId: string;
  readonly role: 'miner' | 'validator';
  readonly profile: string;
  readonly profileHash: string;
  /** What its user calls the chain. */
  readonly network: string;
  readonly netuid: number;
  readonly appVersion: string;
  /** Shape of the model, by the names of the profile. */
  readonly model: Readonly<Record<string, number>>;
}

/** Where rows of a run go, all but the key. */
export interface WandbPlan {
  readonly baseUrl: string;
  readonly withKey: (apiKey: string) => RunLogTarget;
  readonly cursorName: string;
}

const RUN_TAG_CHARS = 8;

export const logIdOf = ({ startedMs }: Pick<ToldRun, 'startedMs'>): string => startedMs.toString(36);

/** As settings have it; null where it is turned off. */
export function wandbPlan(run: ToldRun, settings: SettingValues): WandbPlan | null {
  if (!settings['logs.wandb']) return null;
  const baseUrl = settings['logs.wandbUrl'] || WANDB_PUBLIC;
  const entity = settings['logs.wandbEntity'] || null;
  const project = projectNameOf(settings['logs.wandbProject'], run.role);
  const runTag = run.profileHash.slice(0, RUN_TAG_CHARS);
  const runId = runIdOf({ ...run, runTag });
  const { hotkey, startedMs, role, appVersion } = run;
  return {
    baseUrl,
    cursorName: ['wandb', baseUrl, entity ?? '', project, runId, logIdOf(run)].join(' '),
    withKey: (apiKey) => ({
      ...{ kind: 'wandb', hotkey, logId: logIdOf(run), access: { baseUrl, apiKey }, entity, project, runId },
      ...{ startedMs, displayName: displayNameOf(run), jobType: role },
      tags: [run.peerId, appVersion, hotkey, runTag, run.network.slice(0, 64)].filter((tag) => tag !== ''),
      config: configOf(run),
    }),
  };
}

const configOf = (run: ToldRun): Readonly<Record<string, string | number | null>> => ({
  ...{ hotkey: run.hotkey, uid: run.uid, role: run.role, netuid: run.netuid, network: run.network },
  ...{ profile: run.profile, profile_hash: run.profileHash, butterfly_version: run.appVersion },
  ...Object.fromEntries(Object.entries(run.model).map(([name, value]) => [`model.${name}`, value])),
});

/**
 * As settings have it; null where it is turned off.
 * @param root below it lie the folders of all runs
 */
export function eventsPlan(
  run: ToldRun,
  settings: SettingValues,
  root: string,
): Extract<RunLogTarget, { kind: 'tensorboard' }> | null {
  if (!settings['logs.tensorBoard']) return null;
  return eventsTarget(run, root);
}

/** The folder of a run below one for all of them. */
export const eventsTarget = (
  run: Pick<ToldRun, 'startedMs' | 'hotkey' | 'profile' | 'profileHash'>,
  folder: string,
): Extract<RunLogTarget, { kind: 'tensorboard' }> => ({
  ...{ kind: 'tensorboard', hotkey: run.hotkey, logId: logIdOf(run) },
  folder: join(folder, folderNameOf(run)),
});

/** What TensorBoard lists a run by. A profile's name may hold anything. */
export const folderNameOf = ({
  profile,
  hotkey,
  profileHash,
}: Pick<ToldRun, 'hotkey' | 'profile' | 'profileHash'>): string => {
  const plain = profile.replace(/[^A-Za-z0-9-]+/g, '-').slice(0, 40);
  return `${plain}-${profileHash.slice(0, RUN_TAG_CHARS)}-${hotkey}`;
};
