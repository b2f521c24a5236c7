import { describe, expect, it } from 'vitest';
import { Patience } from '../../../src-main/supervisor/patience.ts';
import { type ProcessLoad, readLoad } from '../../../src-main/supervisor/process-load.ts';

const EVERY_MS = 1_000;
const limits = { idleMs: 4_000, busyMs: 60_000, idleBelowShare: 0 };

/** One look: what passed since the last one, and what the child did in it. */
interface Passed {
  readonly ms?: number;
  readonly worked?: number;
  readonly waited?: number;
}

/** Plays looks one after another. @returns the first verdict and the time at which it came */
function play(
  looks: Iterable<Passed>,
  of: Partial<typeof limits> = {},
  see = (load: ProcessLoad | null) => load,
) {
  let nowMs = 0;
  let load: ProcessLoad = { cpuMs: 500, waitedMs: 100 };
  const patience = new Patience({ ...limits, ...of }, EVERY_MS, nowMs, see(load));
  for (const { ms = EVERY_MS, worked = 0, waited = 0 } of looks) {
    nowMs += ms;
    load = { cpuMs: load.cpuMs + worked, waitedMs: load.waitedMs + waited };
    const over = patience.look(nowMs, see(load));
    if (over) return { over, atMs: nowMs };
  }
  return null;
}
const times = (count: number, passed: Passed): Passed[] => Array.from({ length: count }, () => passed);

describe('patience with a silent child', () => {
  it('ends when it did nothing for the whole limit', () => {
    expect(play(times(100, {}))).toEqual({ over: 'idle', atMs: 5_000 });
  });

  it('begins anew with a little work', () => {
    expect(play([...times(4, {}), { worked: 10 }, ...times(100, {})])).toEqual({
      over: 'idle',
      atMs: 10_000,
    });
  });

  it('does not end while the machine lets it wait', () => {
    expect(play(times(10_000, { waited: EVERY_MS }))).toBeNull();
  });

  it('does not end while the machine gives it a fiftieth of a processor', () => {
    expect(play(times(1_000, { worked: 20, waited: 980 }))).toBeNull();
  });

  it('ends with one that works without a word far too long', () => {
    expect(play(times(100, { worked: EVERY_MS }))).toEqual({ over: 'busy', atMs: 61_000 });
  });

  it('counts nothing of the time in which the host itself slept', () => {
    expect(play(times(100, { ms: 40_000 }))).toBeNull();
    const slept = [...times(3, {}), { ms: 600_000 }, ...times(100, {})];
    expect(play(slept)).toEqual({ over: 'idle', atMs: 3_000 + 600_000 + 5_000 });
  });

  it('takes a start that only beats as idle', () => {
    expect(play(times(100, { worked: 10 }), { idleBelowShare: 0.05 })).toEqual({ over: 'idle', atMs: 5_000 });
    expect(play(times(20, { worked: 100 }), { idleBelowShare: 0.05 })).toBeNull();
  });

  it('waits four times as long where the system tells nothing', () => {
    expect(play(times(100, {}), {}, () => null)).toEqual({ over: 'idle', atMs: 17_000 });
  });

  it('starts over with every sign of life', () => {
    const patience = new Patience(limits, EVERY_MS, 0, { cpuMs: 0, waitedMs: 0 });
    for (let nowMs = EVERY_MS; nowMs < 100_000; nowMs += EVERY_MS) {
      expect(patience.look(nowMs, { cpuMs: 0, waitedMs: 0 })).toBeNull();
      patience.renew();
    }
  });
});

describe.runIf(process.platform === 'linux')('the load of a process', () => {
  it('grows with what it works', () => {
    const before = readLoad(process.pid);
    const usedMs = () => process.cpuUsage().user / 1e3 + process.cpuUsage().system / 1e3;
    const until = usedMs() + 100;
    while (usedMs() < until);
    expect(readLoad(process.pid)!.cpuMs - before!.cpuMs).toBeGreaterThanOrEqual(80);
  });

  it('is unknown for a process that is not there', () => {
    expect(readLoad(2 ** 30)).toBeNull();
    expect(readLoad(undefined)).toBeNull();
  });
});
