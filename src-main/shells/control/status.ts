import type { RunView, View } from '../../../src-shared/contract/page/sections.ts';
import type { SuccessorView } from '../../../src-shared/contract/page/successor.ts';
import { restSentence } from '../../../src-shared/rules/words.ts';
import type { HostStatus, RunStatus } from './protocol.ts';

/** A time that is to come: "22:00" by the clock of this computer, and "Mon 22:00" on another day than today. */
export function comingTime(ms: number): string {
  const at = new Date(ms);
  const time = at.toTimeString().slice(0, 5);
  const day = at.toDateString();
  return day === new Date().toDateString() ? time : `${day.slice(0, 3)} ${time}`;
}

/** What a terminal is shown of the view: where each run stands, and nothing that belongs to nobody else. */
export const statusOf = ({ app, house, runs }: View, pid: number): HostStatus => ({
  version: app.version,
  pid,
  dataDir: app.dataDir,
  rulesAsideUntilMs: house.asideUntilMs,
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
    pausedFor: worker.kind === 'paused' ? worker.reason : null,
    why: worker.kind === 'paused' ? restSentence(worker, comingTime) : null,
    round: run.round?.round ?? null,
    committed: history.filter(({ outcome }) => outcome === 'committed').length,
    rounds: history.length,
    loss: run.training?.lossAverage ?? null,
    heldOutLoss: run.heldOut.at(-1)?.loss ?? null,
    todayAlphaRao: run.earnings?.todayAlpha.toString() ?? null,
    reachability: run.swarm?.reachability ?? null,
    successor: run.successor && successorOf(run.successor),
  };
}

const successorOf = ({ summary, changes }: SuccessorView): RunStatus['successor'] => ({
  ...{ name: summary.name, hash: summary.hash, changes: [...changes] },
  afterRound: summary.predecessor?.afterRound ?? 0,
});
