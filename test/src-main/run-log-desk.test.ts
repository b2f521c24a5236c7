import { describe, expect, it, vi } from 'vitest';
import type { RunLogListener } from '../../src-main/publishing/run-logs/run-logs.ts';
import type { ToldRun } from '../../src-main/publishing/run-logs/targets.ts';
import { eventsRoot, openRunLogDesk, runLogNotices, wandbKey } from '../../src-main/run-log-desk.ts';
import { listeners } from '../../src-node/listeners.ts';
import type { RunLogState } from '../../src-shared/contract/page/run-logs.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { soon } from '../soon.ts';

const fine: RunLogState = {
  ...{ kind: 'wandb', lastSeq: 1, toldAtMs: 1, pendingRows: 0, place: 'https://there', problem: null },
  ...{ failedSinceMs: null, failures: 0 },
};
const away = (failures: number): RunLogState => ({
  ...fine,
  ...{ problem: { code: 'WANDB_UNREACHABLE', params: { why: 'x' } }, failures },
  failedSinceMs: Date.UTC(2026, 10, 2, 14, 5),
});

describe('what a person is told of it', () => {
  it('is once that a service is away, since when, and that it is back', () => {
    const [note, clear] = [vi.fn(), vi.fn()];
    const notices = runLogNotices(note, clear);
    for (const state of [fine, away(1), away(2)]) notices.hear([state]);
    expect(note).not.toHaveBeenCalled();
    for (const state of [away(3), away(4)]) notices.hear([state]);
    expect(note.mock.calls).toEqual([[{ code: 'WANDB_AWAY', params: { since: '14:05' } }]]);
    notices.hear([fine]);
    expect(clear.mock.calls).toEqual([['WANDB_AWAY']]);
  });

  it('is at once what a person has to mend', () => {
    const note = vi.fn();
    const refused: CodedError = { code: 'WANDB_KEY_REFUSED', params: {} };
    runLogNotices(note, vi.fn()).hear([{ ...fine, problem: refused, failures: 1, failedSinceMs: 1 }]);
    expect(note.mock.calls).toEqual([[refused]]);
  });
});

describe('the desk', () => {
  function rig(wandbStop: string) {
    const events = listeners<Record<string, unknown>>();
    const begun: { run: ToldRun; listener: RunLogListener; ended: boolean }[] = [];
    const [note, pause, updateRun] = [vi.fn(), vi.fn(async () => undefined), vi.fn()];
    const desk = openRunLogDesk({
      logs: {
        begin(run, listener) {
          const one = { run, listener, ended: false };
          begun.push(one);
          return async () => {
            one.ended = true;
          };
        },
      },
      runs: { on: events.on } as never,
      store: { runLog: { runs: async () => [{ runId: 3, startedMs: 1_000 }] } } as never,
      settings: { values: { ...defaultSettings, 'logs.wandbStop': wandbStop } },
      keeper: { updateRun },
      told: { note, of: () => ({ notice: vi.fn(), clearNotice: vi.fn() }) },
      log: vi.fn(),
    });
    const live = {
      ...{ id: '5H', held: null, pause },
      facts: { role: 'miner', profile: 'p', profileHash: 'ab', network: 'test', netuid: 1 },
      begun: Promise.resolve({
        run: {
          storeId: 3,
          uid: 7,
          swarm: { ready: { peerId: '12D3Koo' } },
          config: { profile: { consensus: { model: { layers: 2 } } } },
        },
      }),
    };
    return { events, begun, note, pause, updateRun, desk, live };
  }

  it('tells a run from its begin to its end, under the numbering of the store', async () => {
    const { events, begun, updateRun, live } = rig('go-on');
    events.emit('begun', live);
    await soon(() => expect(begun).toHaveLength(1));
    expect(begun[0]?.run).toMatchObject({
      storeId: 3,
      startedMs: 1_000,
      uid: 7,
      hotkey: '5H',
      peerId: '12D3Koo',
    });
    begun[0]?.listener.told([fine]);
    expect(updateRun).toHaveBeenCalledWith('5H', { logs: [fine] });
    events.emit('gone', live);
    await soon(() => expect(begun[0]?.ended).toBe(true));
  });

  it.each([
    ['go-on', 0, 'WANDB_STOPPED_GOES_ON'],
    ['pause', 1, 'WANDB_STOPPED_PAUSES'],
  ])('does as settings say when somebody pressed Stop: %s', async (chosen, pauses, code) => {
    const { events, begun, note, pause, live } = rig(chosen);
    events.emit('begun', live);
    await soon(() => expect(begun).toHaveLength(1));
    begun[0]?.listener.stopped();
    expect(pause).toHaveBeenCalledTimes(pauses);
    expect(note).toHaveBeenCalledWith('attention', { code, params: {} }, '5H');
  });
});

it('a key that is not here is no unknown token', async () => {
  const throwing = (code: 'TOKEN_UNKNOWN' | 'TOKEN_LOCKED') => ({
    reveal: async () => {
      throw new AppError(code, { name: 'wandb' });
    },
  });
  await expect(wandbKey(throwing('TOKEN_UNKNOWN'))).rejects.toMatchObject({ code: 'WANDB_NO_KEY' });
  await expect(wandbKey(throwing('TOKEN_LOCKED'))).rejects.toMatchObject({ code: 'TOKEN_LOCKED' });
  expect(await wandbKey({ reveal: async () => ({ kind: 'wandb', apiKey: 'k' }) as never })).toBe('k');
});

it('event files lie below the data folder where nobody chose another place', () => {
  expect(eventsRoot('/data', defaultSettings)).toBe('/data/tensorboard');
  expect(eventsRoot('/data', { ...defaultSettings, 'logs.tensorBoardFolder': '/other' })).toBe('/other');
});
