import { expect, it } from 'vitest';
import type { LiveRun } from '../../../src-main/runs/live-run.ts';
import type { Runs } from '../../../src-main/runs/runs.ts';
import { showRuns } from '../../../src-main/view/show-runs.ts';
import { tellPeople } from '../../../src-main/view/told.ts';
import { ViewKeeper } from '../../../src-main/view/view-keeper.ts';
import { listeners } from '../../../src-node/listeners.ts';
import type { WorkerState } from '../../../src-shared/states.ts';
import { ss58 } from '../../../src-shared/units.ts';

const id = ss58('one');

function shown() {
  const keeper = new ViewKeeper({ version: '0', shell: 'web', dataDir: '/d', program: 'npm start --' });
  const runs = listeners<{ begun: LiveRun; failed: { id: string; error: unknown } }>();
  const live = listeners<{ held: WorkerState | null }>();
  showRuns(
    { ...runs, stopped: [] } as unknown as Runs,
    keeper,
    tellPeople(keeper, () => undefined),
  );
  runs.emit('begun', { ...live, id, facts: {}, setup: [], held: null } as unknown as LiveRun);
  return { keeper, runs, hold: (held: WorkerState | null) => live.emit('held', held) };
}

it('takes back what it told of a hotkey that worked elsewhere once the run works again', () => {
  const { keeper, hold } = shown();
  const error = { code: 'HOTKEY_LIVE_ELSEWHERE', params: { peer: 'x' } } as const;
  hold({ kind: 'blocked', error });
  expect(keeper.view.notices).toMatchObject([{ run: id, error }]);
  expect(keeper.run(id)?.worker).toEqual({ kind: 'blocked', error });
  hold(null);
  expect(keeper.view.notices).toEqual([]);
});

it('shows a run that waits to begin as waiting, with the reason and without a notice', () => {
  const { keeper, hold } = shown();
  const error = { code: 'CHAIN_UNREACHABLE', params: { endpoint: 'wss://a' } } as const;
  hold({ kind: 'waiting', for: 'chain', error });
  expect(keeper.run(id)?.worker).toEqual({ kind: 'waiting', for: 'chain', error });
  expect(keeper.view.notices).toEqual([]);
});

it('tells of a run that could not even be planned', () => {
  const { keeper, runs } = shown();
  const error = { code: 'KEYS_FOLDER_WITHOUT_KEYS', params: { path: '/mnt/keys' } } as const;
  runs.emit('failed', { id, error });
  expect(keeper.view.notices).toMatchObject([{ level: 'fault', run: id, error }]);
});
