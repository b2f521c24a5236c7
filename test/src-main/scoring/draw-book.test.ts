import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDrawBook } from '../../../src-main/scoring/draw-book.ts';
import { HARM_LOOKS, SILENCES_FORGIVEN } from '../../../src-main/scoring/limits.ts';
import { durableJson } from '../../../src-node/durable-json.ts';
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

const helped = { helped: true, harmed: false };
const useless = { helped: false, harmed: false };
const harm = { helped: false, harmed: true };

const path = () => join(folder, 'draws.json');
const open = () =>
  openDrawBook(path(), DEFAULT_CHECKS, { told: ({ code }) => void told.push(code), nowMs: () => nowMs });

describe('draw book', () => {
  it('keeps draws by hotkey over a restart, the newest only', async () => {
    const book = await open();
    for (let round = 0; round < 40; round++) await book.draw(anna, round, round >= 8 ? helped : useless);
    await book.draw(bob, 3, useless);
    const again = await open();
    expect(again.of(anna)).toEqual(Array(32).fill(true));
    expect(again.of(bob)).toEqual([false]);
    expect(again.of(miners[2]!)).toEqual([]);
  });

  it('counts a round once, also where a restart looks at it again', async () => {
    const book = await open();
    await book.draw(anna, 7, helped);
    await (await open()).draw(anna, 7, useless);
    await (await open()).draw(anna, 6, useless);
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
      if (round % 3 === 2) await book.draw(anna, round, helped);
      else expect(await book.silence(anna, round)).toBe(false);
    }
    expect(book.of(anna)).toEqual(Array(6).fill(true));
  });

  it('takes one look that found harm for chance once the next one helps, and two of eight for none', async () => {
    const book = await open();
    const said: boolean[] = [];
    const looks = [harm, helped, useless, harm, ...Array(7).fill(helped), useless];
    for (const [round, look] of looks.entries()) {
      await book.draw(anna, round, look);
      said.push((await open()).harmful.has(anna));
      // Who is out for it is looked at in the next round again.
      expect(book.owing.has(anna)).toBe(said.at(-1));
    }
    expect(said).toEqual([true, false, false, ...Array(5).fill(true), false, false, false, false]);
    expect(HARM_LOOKS).toBe(8);
  });

  it('has who did harm help before it counts again', async () => {
    const book = await open();
    const said: boolean[] = [];
    for (const [round, look] of [harm, useless, helped, ...Array(7).fill(helped)].entries()) {
      await book.draw(anna, round, look);
      said.push(book.harmful.has(anna));
    }
    expect(said).toEqual([...Array(8).fill(true), false, false]);
  });

  it('takes silence that counts for harm: whoever gives nothing cannot be seen to do none', async () => {
    const book = await open();
    for (let round = 0; round < SILENCES_FORGIVEN; round++) await book.silence(anna, round);
    expect(book.harmful.size).toBe(0);
    await book.silence(anna, 5);
    expect([...book.harmful]).toEqual([anna]);
  });

  it('reads a book of before, which knows of no harm', async () => {
    const entry = { hotkey: anna, draws: [false, true], silences: 0, round: 4 };
    const before = durableJson({
      path: path(),
      schema: v.unknown(),
      told: ({ code }) => void told.push(code),
    });
    await before.write({ entries: [entry], cost: null });
    const book = await open();
    expect([book.of(anna), book.harmful.size, told]).toEqual([[false, true], 0, []]);
    await book.draw(anna, 5, harm);
    expect((await open()).harmful.has(anna)).toBe(true);
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
    await (await open()).draw(anna, 1, helped);
    await writeFile(path(), '{"value":');
    expect((await open()).of(anna)).toEqual([]);
    expect(told).toEqual(['FILE_DAMAGED']);
  });
});
