import type { RunFacts } from '../../src-shared/contract/page/runs.ts';
import type { RunId, RunView, View } from '../../src-shared/contract/page/sections.ts';
import { t } from '../i18n/t.ts';

export type ShownRun = readonly [RunId, RunView];

/** What a run is called wherever there may be several. */
export const runName = ({ profile, role }: Pick<RunFacts, 'profile' | 'role'>): string =>
  t('runs.name', { profile, role: t(`role.${role}`) });

/** Runs in the order in which they were started. */
export const runsOf = (view: View): readonly ShownRun[] =>
  Object.entries(view.runs).sort(([, a], [, b]) => a.facts.startedAtMs - b.facts.startedAtMs);

/** The run that the address names, else the first; null where there is none. */
export const shownRun = (view: View, id: string | null): ShownRun | null => {
  const runs = runsOf(view);
  return runs.find(([one]) => one === id) ?? runs[0] ?? null;
};

/** The validator that works beside a practice, of the runs of this computer; null where there is none. */
export const ownValidatorOf = (runs: readonly ShownRun[], { facts }: Pick<RunView, 'facts'>): RunId | null =>
  runs.find(
    ([, one]) => one.facts.role === 'validator' && one.facts.profileHash === facts.profileHash,
  )?.[0] ?? null;

/** Whether a practice is still to be begun: a run that can start over is this computer's own, and there is one of it. */
export const mayPractise = (view: View): boolean =>
  ![...runsOf(view).map(([, { facts }]) => facts), ...view.stopped].some(({ controls }) =>
    controls.includes('start-over'),
  );
