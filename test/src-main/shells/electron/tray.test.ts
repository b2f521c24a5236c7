import { describe, expect, it } from 'vitest';
import { actOnRuns } from '../../../../src-main/shells/electron/tray/act.ts';
import { type TrayLine, trayMenu } from '../../../../src-main/shells/electron/tray/menu.ts';
import { trayState } from '../../../../src-main/shells/electron/tray/state.ts';
import type { RunView } from '../../../../src-shared/contract/page/sections.ts';
import { houseReasons } from '../../../../src-shared/rules/reasons.ts';
import type { WorkerState } from '../../../../src-shared/states.ts';
import { fakeHost } from '../../../fakes/host-api.ts';
import { trainingRun } from './training-run.ts';

const NOON = new Date(2026, 4, 7, 12).getTime();
const doing = (worker: WorkerState): RunView => ({ ...trainingRun(), worker });
const error = { code: 'DISK_FULL', params: { path: '/data' } } as const;

describe('the state in the tray', () => {
  it.each<[WorkerState, string, string]>([
    [{ kind: 'training' }, 'training', 'Training, round 3'],
    [{ kind: 'averaging' }, 'training', 'Averaging with the others, round 3'],
    [{ kind: 'waiting', for: 'peers' }, 'waiting', 'Waiting for peers'],
    [{ kind: 'paused', reason: 'user', untilMs: null }, 'paused', 'Paused until you resume'],
    [
      { kind: 'paused', reason: 'user', untilMs: NOON + 42 * 60_000 },
      'paused',
      'Paused until 12:42, 42 min left',
    ],
    [
      { kind: 'paused', reason: 'user', untilMs: NOON + 180 * 60_000 },
      'paused',
      'Paused until 15:00, 3 h left',
    ],
    [{ kind: 'failed', error }, 'trouble', 'Stopped by a fault'],
    [{ kind: 'blocked', error }, 'trouble', 'Something needs you'],
    [{ kind: 'degraded', error }, 'training', 'Working, with a limit'],
  ])('of %j', (worker, glyph, sentence) => {
    expect(trayState({ a: doing(worker) }, NOON)).toMatchObject({ glyph, sentence });
  });

  it('always has a reason for a pause and for trouble', () => {
    for (const reason of ['user', ...houseReasons] as const)
      expect(trayState({ a: doing({ kind: 'paused', reason, untilMs: null }) }, NOON).reason).toMatch(/\.$/);
    expect(trayState({ a: doing({ kind: 'failed', error }) }, NOON).reason).toContain('/data');
  });

  it('of several runs is what a person has to see first', () => {
    const runs = { a: doing({ kind: 'training' }), b: doing({ kind: 'failed', error }) };
    expect(trayState(runs, NOON)).toMatchObject({
      glyph: 'trouble',
      sentence: 'Stopped by a fault (2 runs)',
    });
  });

  it('without a run says so', () => {
    expect(trayState({}, NOON)).toEqual({ glyph: 'waiting', sentence: 'Nothing is running.', reason: null });
  });
});

const labels = (lines: readonly TrayLine[]): string[] =>
  lines.map((line) => (line.kind === 'line' ? '-' : line.label));

describe('the menu of the tray', () => {
  it('offers nothing to pause where nothing runs', () => {
    expect(labels(trayMenu({}, NOON))).toEqual(['Nothing is running.', '-', 'Open Butterfly', '-', 'Quit']);
  });

  it('offers five pauses while a run works, and its end after the round', () => {
    const menu = trayMenu({ a: trainingRun() }, NOON);
    expect(labels(menu)).toEqual([
      'Training, round 3',
      '-',
      'Open Butterfly',
      '-',
      'Pause',
      'Stop after this round',
      '-',
      'Quit',
    ]);
    const pauses = menu.find((line) => line.kind === 'menu');
    expect(pauses?.lines).toHaveLength(5);
  });

  it('tells why it rests, and offers to resume and no second pause', () => {
    const menu = trayMenu({ a: doing({ kind: 'paused', reason: 'user', untilMs: null }) }, NOON);
    expect(labels(menu)).toEqual([
      'Paused until you resume',
      'You paused it. Rests until you resume.',
      '-',
      'Open Butterfly',
      '-',
      'Resume',
      '-',
      'Quit',
    ]);
  });

  it('lets it work against a rule of the house, but not on a computer that goes to sleep', () => {
    const held = (reason: 'battery' | 'suspended') =>
      labels(trayMenu({ a: doing({ kind: 'paused', reason, untilMs: null }) }, NOON));
    expect(held('battery')).toContain('Work anyway');
    expect(held('battery')).toContain('This computer runs on battery. Goes on by itself on mains power.');
    expect(held('battery')).not.toContain('Resume');
    expect(held('suspended')).not.toContain('Work anyway');
  });

  it('takes an end after the round back', () => {
    const menu = trayMenu({ a: { ...trainingRun(), stopsAfterRound: 3 } }, NOON);
    expect(labels(menu)).toContain('Keep running after this round');
    expect(labels(menu)).not.toContain('Stop after this round');
  });

  it('offers no control that a run does not have', () => {
    const { facts } = trainingRun();
    const menu = trayMenu({ a: { ...trainingRun(), facts: { ...facts, controls: [] } } }, NOON);
    expect(labels(menu)).toEqual(['Training, round 3', '-', 'Open Butterfly', '-', 'Quit']);
  });
});

describe('what is chosen in the tray', () => {
  it('goes to every run that it concerns', async () => {
    const { api, asked } = fakeHost();
    const runs = {
      a: trainingRun(),
      b: doing({ kind: 'paused', reason: 'user', untilMs: null }),
      c: trainingRun(),
    };
    await actOnRuns(api, runs, { kind: 'pause', span: 'tomorrow' }, NOON);
    await actOnRuns(api, runs, { kind: 'work-anyway', span: 60 }, NOON);
    await actOnRuns(api, runs, { kind: 'resume' }, NOON);
    expect(asked).toEqual(['pauseRun a 1200', 'pauseRun c 1200', 'setHouseAside 60', 'resumeRun b']);
  });

  it('is refused when one refuses, after all were asked', async () => {
    const { api, asked } = fakeHost();
    const refusing = {
      ...api,
      pauseRun: async (id: string, minutes: number | null) => {
        await api.pauseRun(id, minutes);
        if (id === 'a') throw new Error('no');
      },
    };
    const acting = actOnRuns(
      refusing,
      { a: trainingRun(), b: trainingRun() },
      { kind: 'pause', span: null },
      NOON,
    );
    await expect(acting).rejects.toThrow('no');
    expect(asked).toEqual(['pauseRun a ', 'pauseRun b ']);
  });
});
