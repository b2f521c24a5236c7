import type { RoundPhase } from '../src-shared/contract/page/runs.ts';
import { CARD_POINTS, STEPS_KEPT } from './publishing/limits.ts';
import type { PublishedRun } from './publishing/prepare.ts';
import type { Publisher } from './publishing/publisher.ts';
import { contentsDue } from './publishing/schedule.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Run } from './runs/run.ts';
import type { Runs } from './runs/runs.ts';
import { spoolDir, stateDirOf } from './runs/start-train.ts';
import type { Settings } from './settings/settings-file.ts';
import type { Store } from './store/store.ts';
import { HOTKEY } from './vault/key-names.ts';

export interface PublishingOptions {
  readonly publisher: Publisher;
  readonly settings: Pick<Settings, 'values' | 'onChange'>;
  readonly store: Pick<Store, 'series'>;
  readonly runs: Runs;
}

/** Every joined run publishes what the settings say, after the rounds that were committed; practices keep to themselves. @returns what ends it */
export function openPublishing(options: PublishingOptions): () => void {
  const { publisher, settings, runs, store } = options;
  const followed = new Map<LiveRun, () => void>();
  const leave = (live: LiveRun) => {
    followed.get(live)?.();
    followed.delete(live);
  };
  const ends = [
    settings.onChange((id) => id.startsWith('publishing.') && publisher.settingsChanged()),
    runs.on('begun', (live) =>
      live.on('working', ({ run }) => {
        leave(live);
        if (runs.originOf(live.id).kind !== 'practice')
          followed.set(live, followRun(run, publisher, { settings, store }));
      }),
    ),
    runs.on('gone', leave),
  ];
  // What an earlier start left is gone on with, whether a run works or not.
  publisher.settingsChanged();
  return () => {
    for (const end of [...ends, ...followed.values()]) end();
  };
}

/** From the contribution on: what lies in the line's queues when the exchange begins goes out before it. */
const HELD_PHASES: readonly RoundPhase[] = ['ready', 'reducing', 'listing', 'verifying'];

type Followed = Pick<Run, 'config' | 'hotkey' | 'profileHash' | 'rounds' | 'train' | 'storeId'>;

/** Orders what each committed round of a run calls for. @returns what ends it */
export function followRun(
  run: Followed,
  publisher: Pick<Publisher, 'order' | 'setAveraging'>,
  { settings, store }: Pick<PublishingOptions, 'settings' | 'store'>,
): () => void {
  const { config, hotkey, profileHash, rounds, train, storeId } = run;
  const { microBatchesPerStep, sequencesPerMicroBatch } = config.profile.consensus.inner;
  const stepTokens = microBatchesPerStep * sequencesPerMicroBatch * config.profile.consensus.model.context;
  /** Since this hotkey began; null until it is seen to train. */
  let ownSteps: number | null = null;
  const published: PublishedRun = {
    ...{ hotkey, profileHash, consensus: config.profile.consensus },
    ...{ stateDir: stateDirOf(config.dataDir), spoolDir: spoolDir(config.dataDir) },
    sign: (manifest) => config.keys.vault.signManifest(HOTKEY, manifest),
    lineage: () => rounds.lineage,
    measured: ({ round }) => ({
      heldOutLoss: rounds.heldOut.find((point) => point.round === round)?.loss ?? null,
      ownTokens: ownSteps === null ? null : ownSteps * stepTokens,
    }),
    losses: async () =>
      (await store.series(storeId, 'loss', CARD_POINTS)).map(({ t, v }) => ({ atMs: t, loss: v })),
  };
  /** Inner steps of the newest rounds, for the state's tag. */
  const steps = new Map<number, number>();
  const ends = [
    train.on('step', ({ round, innerStep, step }) => {
      ownSteps = step;
      if (round === null) return;
      steps.set(round, innerStep);
      for (const old of steps.keys()) if (old <= round - STEPS_KEPT) steps.delete(old);
    }),
    rounds.on('view', (view) =>
      publisher.setAveraging(hotkey, view !== null && HELD_PHASES.includes(view.phase)),
    ),
    rounds.on('settled', ({ summary, round: { round, blockHash, roster }, baseDigest }) => {
      if (summary.outcome !== 'committed' || baseDigest === null) return;
      const kind = contentsDue({
        ...{ round, blockHash, hotkey, role: config.role },
        members: roster?.members.filter(({ weight }) => weight > 0).map((member) => member.hotkey) ?? [],
        everyRounds: settings.values['publishing.everyRounds'],
      });
      if (kind === null) return;
      const of = { round, baseDigest, innerStep: steps.get(round) ?? 0 };
      // A validator gives nothing to any round, and publishes for others alone.
      const isPublic = summary.contributed || config.role === 'validator';
      publisher.order({ run: published, runId: storeId, kind, of, isPublic });
    }),
    () => publisher.setAveraging(hotkey, false),
  ];
  return () => {
    for (const end of ends) end();
  };
}
