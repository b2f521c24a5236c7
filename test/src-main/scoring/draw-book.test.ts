import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDrawBook } from '../../../src-main/scoring/draw-book.ts';
import { SILENCES_FORGIVEN } from '../../../src-main/scoring/limits.ts';
import { DEFAULT_CHECKS } from '../../../src-shared/scoring/checks.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { miners } from '../rounds/machine-bench.ts';

const [anna, bob] = miners as [Ss58, Ss58];
const DAY_MS = 86_400_000;
let folder: string;
let nowMs: number;
const told: string[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'draws-'));
  nowMs = 5 * DAY_MS + 1_000;
  told.splice(0);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = () => join(folder, 'draws.json');
const open = () =>
  openDrawBook(path(), DEFAULT_CHECKS, { told: ({ code }) => void told.push(code), nowMs: () => nowMs });

describe('draw book', () => {
  it('keeps draws by hotkey over a restart, the newest only', async () => {
    const book = await open();
    for (let round = 0; round < 40; round++) await book.draw(anna, round, round >= 8);
    await book.draw(bob, 3, false);
    const again = await open();
    expect(again.of(anna)).toEqual(Array(32).fill(true));
    expect(again.of(bob)).toEqual([false]);
    expect(again.of(miners[2]!)).toEqual([]);
  });

  it('counts a round once, also where a restart looks at it again', async () => {
    const book = await open();
    await book.draw(anna, 7, true);
    await (await open()).draw(anna, 7, false);
    await (await open()).draw(anna, 6, false);
    expect((await open()).of(anna)).toEqual([true]);
  });

  it('forgives a computer that is away, and not one that never gives anything', async () => {
    const book = await open();
    for (let round = 0; round < SILENCES_FORGIVEN; round++)
      expect(await book.silence(anna, round)).toBe(false);
    expect(book.of(anna)).toEqual([]);
    expect([...book.owing]).toEqual([anna]);
    const again = await open();
    expect(await again.silence(anna, 5)).toBe(true);
    expect(await again.silence(anna, 6)).toBe(true);
    expect(again.of(anna)).toEqual([false, false]);
  });

  it('begins to forgive anew once something was given', async () => {
    const book = await open();
    for (let round = 0; round < 20; round++) {
      if (round % 3 === 2) await book.draw(anna, round, true);
      else expect(await book.silence(anna, round)).toBe(false);
    }
    expect(book.of(anna)).toEqual(Array(6).fill(true));
  });

  it('counts what checks cost from midnight on, over a restart too', async () => {
    const book = await open();
    book.spent({ computeMs: 30, recomputed: 1 });
    book.spent({ bytes: 500, looked: 1 });
    await book.keep();
    const again = await open();
    again.spent({ computeMs: 12, bytes: 8 });
    const sinceMs = 5 * DAY_MS;
    expect(again.cost).toEqual({ sinceMs, computeMs: 42, bytes: 508, recomputed: 1, looked: 1 });
    nowMs += DAY_MS;
    const none = { computeMs: 0, bytes: 0, recomputed: 0, looked: 0 };
    expect(again.cost).toEqual({ sinceMs: 6 * DAY_MS, ...none });
    again.spent({ bytes: 1 });
    expect(again.cost).toMatchObject({ sinceMs: 6 * DAY_MS, bytes: 1 });
  });

  it('tells of a damaged file and begins again', async () => {
    await (await open()).draw(anna, 1, true);
    await writeFile(path(), '{"value":');
    expect((await open()).of(anna)).toEqual([]);
    expect(told).toEqual(['FILE_DAMAGED']);
  });
});
