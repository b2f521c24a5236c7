import { describe, expect, it } from 'vitest';
import { quietOf } from '../../src-main/host-updates.ts';
import type { LiveRun } from '../../src-main/runs/live-run.ts';
import { isQuiet } from '../../src-main/updates/quiet.ts';
import type { RoundPhase } from '../../src-shared/contract/page/runs.ts';
import type { WorkerState } from '../../src-shared/states.ts';

const paused: WorkerState = { kind: 'paused', reason: 'battery', params: {}, untilMs: null };
const stopping: WorkerState = { kind: 'stopping' };

/** What an update sees of one run, at that phase of its round. */
function quietWith(phase: RoundPhase, held: WorkerState | null) {
  const run = { held, body: { run: { rounds: { view: { phase } } } } } as unknown as LiveRun;
  const live: ReadonlyMap<LiveRun['id'], LiveRun> = new Map([['hotkey' as LiveRun['id'], run]]);
  return quietOf({ runs: { live }, signing: { waits: null, onChange: () => () => undefined } });
}

describe('an update waits', () => {
  it.each(['ready', 'reducing', 'verifying', 'awaiting-outcome'] as const)(
    'for the average of a run that was paused at %s: it finishes it',
    (phase) => {
      expect(isQuiet(quietWith(phase, paused))).toBe(false);
      expect(isQuiet(quietWith(phase, null))).toBe(false);
      expect(isQuiet(quietWith(phase, stopping))).toBe(true);
    },
  );

  it('for nothing of a run that rests before its contribution: it says none', () => {
    const quiet = quietWith('working', paused);
    expect(isQuiet(quiet)).toBe(true);
    expect(quiet.runs()).toEqual([]);
  });
});
