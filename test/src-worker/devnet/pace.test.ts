import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { nextTimeMs } from '../../../src-worker/devnet/chain/chain-time.ts';
import { timestampStorage } from '../../../src-worker/devnet/runtime/timestamp.ts';
import { anchorMs, SealClock } from '../../../src-worker/devnet/seal-clock.ts';
import { options } from './genesis.ts';

const HOUR_MS = 3_600_000;
const silent = { notice: () => {}, clearNotice: () => {} };

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'devnet-pace-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const open = (
  dataDir: string | null,
  blockMs: number | null,
  clocks?: { wallMs(): number; monotonicMs(): number },
) => {
  const init = v.parse(devnetInitSchema, options({ dataDir, blockMs }));
  const chain = new Chain(init, clocks ? { clocks } : {});
  onTestFinished(() => chain.close());
  return chain;
};
const timeOf = (chain: Chain) => Number(chain.states.storeAt(chain.headNumber).get(timestampStorage.Now));

describe('the distance between blocks', () => {
  test('counts from when a block was due, so that small delays do not add up', () => {
    expect(anchorMs(1_000, 1_004, 1_000)).toBe(1_000);
    expect(anchorMs(1_000, 1_499, 1_000)).toBe(1_000);
  });

  test('counts from now after a long halt', () => {
    expect(anchorMs(1_000, 1_500, 1_000)).toBe(1_500);
    expect(anchorMs(1_000, 41_000, 1_000)).toBe(41_000);
  });

  test('keeps its pace over an hour, and makes no block in a hurry after a halt of 40 s', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const chain = open(null, 1_000);
    const clock = new SealClock(chain, silent);
    clock.start();
    onTestFinished(() => clock.stop());
    const before = chain.headNumber;
    vi.advanceTimersByTime(300_000);
    expect(chain.headNumber - before).toBe(300);
    // What a suspended process finds: the clocks are on, its timer is late and fires once.
    const halted = chain.headNumber;
    const { now } = performance;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 40_000);
    vi.advanceTimersByTime(1_000);
    expect(chain.headNumber - halted).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(chain.headNumber - halted).toBe(11);
  });
});

describe('the time that a block states', () => {
  test('is the wall clock', () => {
    expect(nextTimeMs(10_000, 1_000, 11_003)).toBe(11_003);
    expect(nextTimeMs(10_000, 1_000, 99_000)).toBe(99_000);
  });

  test('never runs back: while the wall clock lies behind it goes on at half the pace', () => {
    expect(nextTimeMs(10 * HOUR_MS, 1_000, 8 * HOUR_MS)).toBe(10 * HOUR_MS + 500);
    expect(nextTimeMs(10 * HOUR_MS, 0, 8 * HOUR_MS)).toBe(10 * HOUR_MS + 1);
  });

  test('meets a wall clock that was set back by two hours after two more', () => {
    let [wall, monotonic] = [1_900_000_000_000, 5_000];
    const chain = open(null, 12_000, { wallMs: () => wall, monotonicMs: () => monotonic });
    const pass = (ms: number) => {
      wall += ms;
      monotonic += ms;
      const before = timeOf(chain);
      chain.seal();
      return timeOf(chain) - before;
    };
    pass(12_000);
    wall -= 2 * HOUR_MS;
    const steps = Array.from({ length: 600 }, () => pass(12_000));
    expect(steps.every((step) => step >= 6_000 && step <= 12_000)).toBe(true);
    expect(timeOf(chain) - wall).toBe(HOUR_MS);
    Array.from({ length: 600 }, () => pass(12_000));
    expect(timeOf(chain)).toBe(wall);
  });
});

describe('a block time', () => {
  test('set while the chain runs holds from the next block on and after a restart', () => {
    const dir = folder();
    const chain = open(dir, 1_000);
    chain.setBlockMs(4_000);
    expect(chain.blockMs).toBe(4_000);
    chain.seal();
    chain.close();
    const again = open(dir, 1_000);
    expect(again.blockMs).toBe(4_000);
    expect(again.genesisHash).toBe(chain.genesisHash);
  });

  test('takes effect at once: a slow chain need not make its slow block first', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const chain = open(null, 60_000);
    const clock = new SealClock(chain, silent);
    clock.start();
    onTestFinished(() => clock.stop());
    vi.advanceTimersByTime(5_000);
    expect(chain.headNumber).toBe(1);
    clock.setBlockMs(1_000);
    vi.advanceTimersByTime(3_000);
    expect(chain.headNumber).toBeGreaterThanOrEqual(4);
    const quick = chain.headNumber;
    clock.setBlockMs(10_000);
    vi.advanceTimersByTime(9_000);
    expect(chain.headNumber).toBe(quick);
    vi.advanceTimersByTime(1_000);
    expect(chain.headNumber).toBe(quick + 1);
  });

  test('is refused where blocks are sealed on request', () => {
    const chain = open(null, null);
    expect(() => new SealClock(chain, silent).setBlockMs(1_000)).toThrow(/NOT_NOW/);
    expect(chain.blockMs).toBeNull();
  });
});

describe('a chain that rests', () => {
  const resting = (restMs: number) => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const chain = open(null, 1_000);
    const clock = new SealClock(chain, silent);
    clock.start(restMs);
    onTestFinished(() => clock.stop());
    return { chain, clock };
  };

  test('makes no block until it is told to go on', () => {
    const { chain, clock } = resting(45_000);
    vi.advanceTimersByTime(20_500);
    expect(chain.headNumber).toBe(1);
    clock.goOn();
    vi.advanceTimersByTime(2_000);
    expect(chain.headNumber).toBe(3);
  });

  test('goes on by itself in the end', () => {
    const { chain } = resting(45_000);
    vi.advanceTimersByTime(44_500);
    expect(chain.headNumber).toBe(1);
    vi.advanceTimersByTime(2_500);
    expect(chain.headNumber).toBeGreaterThan(1);
  });

  test('goes on for whoever sends a transaction, and stays awake for its finality', () => {
    const { chain } = resting(45_000);
    vi.advanceTimersByTime(5_500);
    const waiting = vi.spyOn(chain.transactions, 'size', 'get').mockReturnValue(1);
    vi.advanceTimersByTime(1_000);
    expect(chain.headNumber).toBe(2);
    waiting.mockReturnValue(0);
    vi.advanceTimersByTime(3_000);
    expect(chain.headNumber).toBe(5);
  });
});
