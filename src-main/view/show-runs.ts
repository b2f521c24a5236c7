import { type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { LiveRun } from '../runs/live-run.ts';
import type { RunBody } from '../runs/plan.ts';
import type { Runs } from '../runs/runs.ts';
import { type Showing, showRun } from './show-run.ts';
import type { Told } from './told.ts';
import type { ViewKeeper } from './view-keeper.ts';

/** Shows every run of the host from its begin to its end. @returns what ends it */
export function showRuns(runs: Runs, keeper: ViewKeeper, told: Told): () => void {
  const showings = new Map<string, Showing>();

  function begin(live: LiveRun): void {
    const { id } = live;
    keeper.beginRun(id, live.facts);
    keeper.updateRun(id, { setup: live.setup, worker: live.held ?? { kind: 'preparing' } });
    live.on('setup', (setup) => keeper.updateRun(id, { setup }));
    live.on('working', (body) => work(live, body));
    let before: CodedError | null = null;
    live.on('held', (held) => {
      keeper.updateRun(id, { worker: held ?? showings.get(id)?.status ?? { kind: 'preparing' } });
      const error = held?.kind === 'failed' || held?.kind === 'blocked' ? held.error : null;
      if (error) told.note('fault', error, id);
      else if (before) told.of(id).clearNotice(before.code);
      before = error;
    });
  }

  function work(live: LiveRun, { run }: RunBody): void {
    showings.set(
      live.id,
      showRun(run, keeper, () => live.held),
    );
  }

  function end({ id }: Pick<LiveRun, 'id'>): void {
    showings.get(id)?.stop();
    showings.delete(id);
    keeper.endRun(id);
  }

  const off = [
    runs.on('begun', begin),
    runs.on('gone', end),
    runs.on('failed', ({ id, error }) => {
      end({ id });
      // Back to where it was begun: the notice says what was wrong, and the button tries again.
      if (toCodedError(error).code === 'INTERNAL') told.problem(error, id);
      else told.note('fault', toCodedError(error), id);
    }),
    runs.on('stopped', (stopped) => keeper.update({ stopped })),
    runs.on('ending', ({ id, afterRound }) => keeper.updateRun(id, { stopsAfterRound: afterRound })),
  ];
  keeper.update({ stopped: runs.stopped });
  return () => {
    for (const unsubscribe of off) unsubscribe();
    for (const showing of showings.values()) showing.stop();
  };
}
