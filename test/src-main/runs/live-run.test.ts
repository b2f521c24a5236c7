import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  BEGIN_AGAIN_FIRST_MS,
  BEGIN_AGAIN_LONGEST_MS,
  ELSEWHERE_GONE_MS,
} from '../../../src-main/runs/limits.ts';
import { beginLiveRun } from '../../../src-main/runs/live-run.ts';
import type { RunBody, RunPlan } from '../../../src-main/runs/plan.ts';
import { listeners } from '../../../src-node/listeners.ts';
import { aborted } from '../../../src-node/waits.ts';
import { AppError, type CodedError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { soon } from '../../soon.ts';

const planThat = (begin: RunPlan['begin']): RunPlan => ({
  id: 'hotkey' as RunPlan['id'],
  facts: {} as RunPlan['facts'],
  keysDir: '/nowhere',
  waitsForChain: false,
  begin,
});

const silence = new AppError('CHAIN_UNREACHABLE', { endpoint: 'ws://127.0.0.1:1' });
const patient = (begin: RunPlan['begin']): RunPlan => ({ ...planThat(begin), waitsForChain: true });

function fakeTime(): void {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
}

function runningBody() {
  const swarm = listeners<{ peer: { hotkey: string; peerId: string; connected: boolean } }>();
  const chain = listeners<{ connection: boolean; finalized: unknown; foreign: CodedError | null }>();
  const setActive = vi.fn(async (_active: boolean) => undefined);
  const setBlocked = vi.fn(async (_isBlocked: boolean) => undefined);
  const run = { swarm, chain } as unknown as RunBody['run'];
  const setForeign = vi.fn();
  const body: RunBody = {
    run,
    setActive,
    setBlocked,
    setForeign,
    processes: () => [],
    stop: async () => undefined,
  };
  const sight = () => swarm.emit('peer', { hotkey: 'hotkey', peerId: 'another', connected: true });
  return { body, chain, setActive, setBlocked, setForeign, sight };
}

/** A plan that asks, as real ones do, whether it may train, and is there at once. */
const planOf = (body: RunBody) =>
  planThat(async ({ mayTrain }) => {
    await body.setActive(mayTrain());
    return body;
  });

it('that is stopped while it starts has not failed', async () => {
  const live = beginLiveRun(
    planThat(async (_told, signal) => {
      await aborted(signal);
      throw new Error('given up half-way');
    }),
    null,
    new AbortController().signal,
  );
  const failed = vi.fn();
  live.on('failed', failed);
  await live.stop();
  await expect(live.begun).rejects.toThrow('half-way');
  expect(failed).not.toHaveBeenCalled();
});

it('that cannot start has', async () => {
  const live = beginLiveRun(
    planThat(() => Promise.reject(silence)),
    null,
    new AbortController().signal,
  );
  const failed = vi.fn();
  live.on('failed', failed);
  await soon(() => expect(failed).toHaveBeenCalledWith(silence));
});

describe('while the chain is silent', () => {
  it('waits, says for what, and begins once it answers', async () => {
    fakeTime();
    const { body } = runningBody();
    const begin = vi.fn<RunPlan['begin']>().mockRejectedValueOnce(silence).mockRejectedValueOnce(silence);
    const live = beginLiveRun(patient(begin.mockResolvedValue(body)), null, new AbortController().signal);
    const failed = vi.fn();
    live.on('failed', failed);
    await vi.advanceTimersByTimeAsync(0);
    expect(live.held).toEqual({ kind: 'waiting', for: 'chain', error: toCodedError(silence) });
    await vi.advanceTimersByTimeAsync(BEGIN_AGAIN_FIRST_MS + 2 * BEGIN_AGAIN_FIRST_MS);
    expect(await live.begun).toBe(body);
    expect(live.held).toBeNull();
    expect([begin.mock.calls.length, failed.mock.calls.length]).toEqual([3, 0]);
  });

  it('takes a read whose limit passed for silence too', async () => {
    fakeTime();
    const begin = vi.fn<RunPlan['begin']>(() => Promise.reject(new AppError('CANCELLED')));
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(0);
    expect(live.held).toMatchObject({ kind: 'waiting', error: { code: 'TIMEOUT' } });
    await live.stop();
  });

  it('never waits longer than the longest pause', async () => {
    fakeTime();
    const begin = vi.fn<RunPlan['begin']>(() => Promise.reject(silence));
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(3_600_000);
    const before = begin.mock.calls.length;
    await vi.advanceTimersByTimeAsync(BEGIN_AGAIN_LONGEST_MS);
    expect(begin.mock.calls.length).toBe(before + 1);
    await live.stop();
  });

  it('can be paused, and stopped without having failed', async () => {
    fakeTime();
    const begin = vi.fn<RunPlan['begin']>(() => Promise.reject(silence));
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    const failed = vi.fn();
    live.on('failed', failed);
    await vi.advanceTimersByTimeAsync(0);
    await live.pause(null);
    expect(live.held).toMatchObject({ kind: 'paused' });
    await live.resume();
    expect(live.held).toMatchObject({ kind: 'waiting' });
    await live.stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect([begin.mock.calls.length, failed.mock.calls.length]).toEqual([1, 0]);
  });

  it('fails for what is wrong with the run itself', async () => {
    fakeTime();
    const refused = new AppError('HOTKEY_NOT_REGISTERED', { hotkey: 'hotkey', netuid: 1 });
    const begin = vi.fn<RunPlan['begin']>().mockRejectedValueOnce(silence).mockRejectedValueOnce(refused);
    const live = beginLiveRun(patient(begin), null, new AbortController().signal);
    const failed = vi.fn();
    live.on('failed', failed);
    await vi.advanceTimersByTimeAsync(BEGIN_AGAIN_FIRST_MS);
    expect(failed).toHaveBeenCalledWith(refused);
  });
});

it('whose hotkey is live elsewhere does not work again when its pause ends', async () => {
  const { body, sight, setActive } = runningBody();
  const live = beginLiveRun(planOf(body), { untilMs: null }, new AbortController().signal);
  await live.begun;
  sight();
  await live.resume();
  expect(setActive).not.toHaveBeenCalledWith(true);
  expect(live.held).toMatchObject({ kind: 'blocked' });
});

describe('a newer start of its hotkey elsewhere', () => {
  async function blocked() {
    fakeTime();
    const bench = runningBody();
    const live = beginLiveRun(planOf(bench.body), null, new AbortController().signal);
    await live.begun;
    bench.sight();
    await vi.advanceTimersByTimeAsync(0);
    return { ...bench, live, block: () => bench.chain.emit('finalized', {}) };
  }

  it('takes it from its work at once', async () => {
    const { live, setActive, setBlocked } = await blocked();
    expect(live.held).toMatchObject({ kind: 'blocked', error: { code: 'HOTKEY_LIVE_ELSEWHERE' } });
    expect([setBlocked.mock.lastCall, setActive.mock.lastCall]).toEqual([[true], [false]]);
  });

  it('takes it from its training though its words cannot be stopped', async () => {
    fakeTime();
    const { body, setActive, setBlocked, sight } = runningBody();
    setBlocked.mockReturnValue(new Promise(() => undefined));
    const live = beginLiveRun(planOf(body), null, new AbortController().signal);
    await live.begun;
    sight();
    await vi.advanceTimersByTimeAsync(0);
    expect(setActive.mock.lastCall).toEqual([false]);
  });

  it('gives it back once nobody has named the other for long', async () => {
    const { live, block, setActive, setBlocked } = await blocked();
    await vi.advanceTimersByTimeAsync(ELSEWHERE_GONE_MS - 1);
    block();
    expect(live.held).toMatchObject({ kind: 'blocked' });
    await vi.advanceTimersByTimeAsync(1);
    block();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.held).toBeNull();
    expect([setBlocked.mock.lastCall, setActive.mock.lastCall]).toEqual([[false], [true]]);
  });

  it('keeps it while it is named again and again', async () => {
    const { live, block, sight } = await blocked();
    for (let time = 0; time < 5; time++) {
      await vi.advanceTimersByTimeAsync(ELSEWHERE_GONE_MS - 1);
      sight();
      block();
    }
    expect(live.held).toMatchObject({ kind: 'blocked' });
  });

  it('is not taken for gone by who was offline', async () => {
    const { live, block, chain } = await blocked();
    await vi.advanceTimersByTimeAsync(10 * ELSEWHERE_GONE_MS);
    chain.emit('connection', true);
    block();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.held).toMatchObject({ kind: 'blocked' });
  });

  it('keeps it while its own word cannot be made newer, and is asked again later', async () => {
    const { live, block, setBlocked } = await blocked();
    setBlocked.mockRejectedValueOnce(new AppError('CHILD_EXITED', { child: 'swarm', reason: '' }));
    for (const held of [{ kind: 'blocked' }, null]) {
      await vi.advanceTimersByTimeAsync(ELSEWHERE_GONE_MS);
      block();
      await vi.advanceTimersByTimeAsync(0);
      if (held) expect(live.held).toMatchObject(held);
      else expect(live.held).toBeNull();
    }
  });

  it('leaves it paused when it was paused meanwhile', async () => {
    const { live, block, setActive } = await blocked();
    await live.pause(null);
    await vi.advanceTimersByTimeAsync(ELSEWHERE_GONE_MS);
    block();
    await vi.advanceTimersByTimeAsync(0);
    expect(live.held).toMatchObject({ kind: 'paused' });
    expect(setActive).toHaveBeenLastCalledWith(false);
  });
});

it('rests and is silent while its subnet is another project, and works again when it is back', async () => {
  const { body, chain, setActive, setForeign } = runningBody();
  const live = beginLiveRun(planOf(body), null, new AbortController().signal);
  await live.begun;
  const error = toCodedError(
    new AppError('CHAIN_IDENTITY_MISMATCH', { netuid: 38, expected: 'a', found: 'b' }),
  );
  chain.emit('foreign', error);
  await soon(() => expect(setActive).toHaveBeenLastCalledWith(false));
  expect(live.held).toEqual({ kind: 'blocked', error });
  expect(setForeign).toHaveBeenLastCalledWith(true);
  await live.pause(null);
  await live.resume();
  expect(setActive).toHaveBeenLastCalledWith(false);
  chain.emit('foreign', null);
  await soon(() => expect(setActive).toHaveBeenLastCalledWith(true));
  expect(setForeign).toHaveBeenLastCalledWith(false);
  expect(live.held).toBeNull();
});

it('that was paused before trains nothing from its first step on', async () => {
  const { body, setActive } = runningBody();
  const live = beginLiveRun(planOf(body), { untilMs: null }, new AbortController().signal);
  await live.begun;
  expect(setActive).toHaveBeenCalled();
  expect(setActive).not.toHaveBeenCalledWith(true);
});

it('that is resumed while it begins works once it is there', async () => {
  const { body, setActive } = runningBody();
  const composed = Promise.withResolvers<void>();
  const plan = planThat(async ({ mayTrain }) => {
    await body.setActive(mayTrain());
    await composed.promise;
    return body;
  });
  const live = beginLiveRun(plan, { untilMs: null }, new AbortController().signal);
  await live.resume();
  composed.resolve();
  await live.begun;
  await soon(() => expect(setActive).toHaveBeenLastCalledWith(true));
});

it('that is paused between the starts of two of its parts rests with all of them', async () => {
  const { body, setActive } = runningBody();
  const parts: boolean[] = [];
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const plan = planThat(async ({ mayTrain }) => {
    parts.push(mayTrain());
    await first.promise;
    parts.push(mayTrain());
    await second.promise;
    return body;
  });
  const live = beginLiveRun(plan, null, new AbortController().signal);
  await soon(() => expect(parts).toEqual([true]));
  await live.pause(null);
  first.resolve();
  await soon(() => expect(parts).toEqual([true, false]));
  second.resolve();
  await live.begun;
  await soon(() => expect(setActive).toHaveBeenLastCalledWith(false));
});

it('rests until the time it was paused to, however far that is, and then works', async () => {
  fakeTime();
  const { body, setActive } = runningBody();
  const untilMs = Date.now() + 40 * 24 * 3_600_000;
  const live = beginLiveRun(
    planThat(async () => body),
    { untilMs },
    new AbortController().signal,
  );
  await vi.advanceTimersByTimeAsync(39 * 24 * 3_600_000);
  expect(live.pausedNow).toEqual({ untilMs });
  expect(setActive).not.toHaveBeenCalledWith(true);
  await vi.advanceTimersByTimeAsync(25 * 3_600_000);
  expect(live.pausedNow).toBeNull();
  expect(setActive).toHaveBeenLastCalledWith(true);
});

describe('a rule of the house', () => {
  const battery = { reason: 'battery', params: {}, untilMs: null } as const;

  it('has it rest, and lets it go on when it holds no more', async () => {
    const { body, setActive } = runningBody();
    const live = beginLiveRun(planOf(body), null, new AbortController().signal);
    await live.begun;
    await live.obey(battery);
    expect([live.held, setActive.mock.lastCall]).toEqual([{ kind: 'paused', ...battery }, [false]]);
    const asked = setActive.mock.calls.length;
    await live.obey({ ...battery, reason: 'app', params: { app: 'vlc' } });
    expect(live.held).toMatchObject({ reason: 'app' });
    // It rests already: another reason is nothing to tell the trainer.
    expect(setActive.mock.calls.length).toBe(asked);
    await live.obey(null);
    expect([live.held, setActive.mock.lastCall]).toEqual([null, [true]]);
  });

  it('holds one from its first step on that begins under it', async () => {
    const { body, setActive } = runningBody();
    const plan = planThat(async ({ mayTrain }) => {
      // A real one first looks for its keys.
      await Promise.resolve();
      await body.setActive(mayTrain());
      return body;
    });
    const live = beginLiveRun(plan, null, new AbortController().signal);
    void live.obey(battery);
    await live.begun;
    await soon(() => expect(setActive).toHaveBeenCalledTimes(2));
    expect(setActive).not.toHaveBeenCalledWith(true);
  });

  it('gives way to a pause of a person, and neither lifts the other', async () => {
    const { body, setActive } = runningBody();
    const live = beginLiveRun(planOf(body), null, new AbortController().signal);
    await live.begun;
    await live.pause(null);
    await live.obey(battery);
    expect(live.held).toMatchObject({ kind: 'paused', reason: 'user' });
    await live.resume();
    expect([live.held, setActive.mock.lastCall]).toEqual([{ kind: 'paused', ...battery }, [false]]);
    await live.pause(null);
    await live.obey(null);
    expect([live.held, setActive.mock.lastCall]).toMatchObject([{ reason: 'user' }, [false]]);
    await live.resume();
    expect([live.held, setActive.mock.lastCall]).toEqual([null, [true]]);
  });
});

it('that is stopped in a round is waited for no longer than that', async () => {
  const { body } = runningBody();
  const rounds = { view: { phase: 'working' }, on: () => () => undefined };
  Object.assign(body.run, { rounds });
  const live = beginLiveRun(planOf(body), null, new AbortController().signal);
  await live.begun;
  let isSettled = false;
  const settled = live.roundSettled(new AbortController().signal).then(() => {
    isSettled = true;
  });
  expect(isSettled).toBe(false);
  await live.stop();
  await settled;
});
