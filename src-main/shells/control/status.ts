import type { RunView, View } from '../../../src-shared/contract/page/sections.ts';
import type { HostStatus, RunStatus } from './protocol.ts';

/** What a terminal is shown of the view: where each run stands, and nothing that belongs to nobody else. */
export const statusOf = ({ app, runs }: View, pid: number): HostStatus => ({
  version: app.version,
  pid,
  dataDir: app.dataDir,
  runs: Object.entries(runs).map(([hotkey, run]) => runStatus(hotkey, run)),
});

function runStatus(hotkey: string, run: RunView): RunStatus {
  const { facts, worker, history } = run;
  return {
    hotkey,
    network: facts.network,
    profile: facts.profile,
    role: facts.role,
    mark: facts.mark,
    state: worker.kind,
    pausedUntilMs: worker.kind === 'paused' ? worker.untilMs : null,
    round: run.round?.round ?? null,
    committed: history.filter(({ outcome }) => outcome === 'committed').length,
    rounds: history.length,
    loss: run.training?.lossAverage ?? null,
    heldOutLoss: run.heldOut.at(-1)?.loss ?? null,
    todayAlphaRao: run.earnings?.todayAlpha.toString() ?? null,
  };
}
