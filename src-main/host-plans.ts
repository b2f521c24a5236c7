import { join } from 'node:path';
import type { SettingValues } from '../src-shared/settings.ts';
import { demandHere } from './data-folder.ts';
import { type Practice, type PracticeOptions, planPractice } from './practice/practice.ts';
import { wasPractising } from './practice/was-practising.ts';
import { engineChosen, shareChosen } from './runs/chosen.ts';
import { type Consent, type JoinedOptions, NOTHING_PAID, planJoined, type RunPlace } from './runs/joined.ts';
import type { RunOrigin } from './runs/kept-runs.ts';
import type { Runs, RunsOptions } from './runs/runs.ts';

/** The services that any run is planned with. */
export interface PlanServices extends Omit<JoinedOptions, 'settings' | 'practiceAt'> {
  readonly adversary: PracticeOptions['adversary'];
  settings(): SettingValues;
}

/** How runs come about, by where they come from: a practice of this computer, or somebody else's network. */
export function planner(services: PlanServices): Pick<RunsOptions, 'planOf' | 'folderOf'> {
  const { dataDir, adversary, settings, store } = services;
  let practiceAt: RunPlace | null = null;
  async function practice() {
    // Four train at once.
    const engine = engineChosen(settings(), dataDir, 1);
    const chosen = {
      engine,
      share: () => shareChosen(settings()),
      freeBytes: () => services.freeBytes(engine),
    };
    const folder = practiceFolder(dataDir);
    const plan = await planPractice({ ...services, folder, adversary, ...chosen }, store.continuesAt);
    practiceAt = plan.at;
    return plan;
  }
  return {
    async planOf(origin: RunOrigin, consent: Consent) {
      if (origin.kind === 'practice') return practice();
      const plan = await planJoined(
        origin,
        consent,
        { ...services, practiceAt: () => practiceAt },
        store.continuesAt,
      );
      await demandHere(dataDir, plan.id);
      return plan;
    },
    folderOf: ({ kind }) => (kind === 'practice' ? practiceFolder(dataDir) : join(dataDir, 'runs')),
  };
}

export const practiceFolder = (dataDir: string): string => join(dataDir, 'practice');

/** The practice of this host, begun where there is none. Resolves once every part of it runs. */
export async function livePractice(runs: Runs): Promise<Practice> {
  const known = [...runs.live.values()].find(({ id }) => runs.originOf(id).kind === 'practice');
  const live = known ?? (await runs.start({ kind: 'practice' }, NOTHING_PAID));
  return (await live.begun) as Practice;
}

/** What ran when the host last ended; a folder of before the list of runs may hold a practice. */
export async function goOnWith(runs: Runs, dataDir: string): Promise<void> {
  if (runs.isFresh && (await wasPractising(dataDir))) await runs.start({ kind: 'practice' }, NOTHING_PAID);
  else await runs.goOn();
}
