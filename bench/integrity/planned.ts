import { gainRuns } from './gains.ts';
import { honestRuns } from './honest.ts';
import { poisonedRun } from './poisoned.ts';
import type { PlannedRun } from './runs.ts';

export const plannedRuns: readonly PlannedRun[] = [...gainRuns, ...honestRuns, poisonedRun];
