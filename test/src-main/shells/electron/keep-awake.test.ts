import { describe, expect, it, vi } from 'vitest';
import { emptyView } from '../../../fakes/host-api.ts';
import { RUN, trainingRun } from './training-run.ts';

vi.mock('electron', () => import('./fake-electron.ts'));
const { staysAwake } = await import('../../../../src-main/shells/electron/keep-awake.ts');

const wished = { ...emptyView.settings, 'window.keep-awake': true };
const training = { [RUN]: trainingRun() };

describe('whether the computer is kept awake', () => {
  it.each([
    [true, false],
    [false, true],
  ])(
    'where it is wished for and something trains, its battery says: in use %s, awake %s',
    (onBattery, isAwake) => {
      expect(staysAwake({ settings: wished, runs: training }, () => onBattery)).toBe(isAwake);
    },
  );

  it.each([
    ['nobody wishes it', { settings: emptyView.settings, runs: training }],
    ['nothing trains', { settings: wished, runs: {} }],
  ])('asks for no battery where %s', (_title, view) => {
    const isOnBattery = vi.fn(() => false);
    expect(staysAwake(view, isOnBattery)).toBe(false);
    expect(isOnBattery).not.toHaveBeenCalled();
  });
});
