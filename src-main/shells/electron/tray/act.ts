import type { HostApi } from '../../../../src-shared/contract/page/api.ts';
import type { View } from '../../../../src-shared/contract/page/sections.ts';
import { endable, ending, minutesNow, pausable, resumable, type WorkAct } from './menu.ts';

type Asked = Pick<HostApi, 'pauseRun' | 'resumeRun' | 'setHouseAside' | 'stopRun' | 'keepRunning'>;

/**
 * Does what was chosen, to every run that it concerns: the calls are those of the page.
 * @throws {AppError} the first refusal, after all were asked
 */
export async function actOnRuns(api: Asked, runs: View['runs'], act: WorkAct, nowMs: number): Promise<void> {
  const asked = callsOf(api, runs, act, nowMs);
  const refused = (await Promise.allSettled(asked)).find((one) => one.status === 'rejected');
  if (refused) throw refused.reason;
}

function callsOf(api: Asked, runs: View['runs'], act: WorkAct, nowMs: number): readonly Promise<void>[] {
  switch (act.kind) {
    case 'pause': {
      const minutes = minutesNow(act.span, nowMs);
      return pausable(runs).map((id) => api.pauseRun(id, minutes));
    }
    case 'resume':
      return resumable(runs).map((id) => api.resumeRun(id));
    case 'work-anyway':
      return [api.setHouseAside(minutesNow(act.span, nowMs))];
    case 'stop-after-round':
      return endable(runs).map((id) => api.stopRun(id, 'after-round'));
    case 'keep-running':
      return ending(runs).map((id) => api.keepRunning(id));
  }
}
