import { describe, expect, it } from 'vitest';
import { planBytes } from '../../../../src-shared/contract/memory-plan.ts';
import { parameterCount } from '../../../../src-shared/model/layout.ts';
import { liveProfile, shippedProfileNames } from '../../../../src-shared/profile/shipped.ts';
import {
  arrangements,
  bestFit,
  cannotFit,
  policyOf,
  type Room,
  UNKNOWN_ROOM,
} from '../../../../src-worker/train/engine/gpu/plan.ts';
import type { Format } from '../../../../src-worker/train/engine/gpu/wgsl/format.ts';

const GB = 1e9;
/** What a card of so many gigabytes leaves where a desktop runs on it. */
const free = (cardGb: number) => 0.92 * cardGb * GB;

const onCard = (budgetBytes: number): Room => ({ ...UNKNOWN_ROOM, budgetBytes });

const waysOf = (name: string, { maxSequences = 4, format = 'f32' as Format } = {}) => {
  const limits = { bufferBytes: 2 ** 30, bindingBytes: 2 ** 30 };
  const { model } = liveProfile(name).consensus;
  return arrangements({ config: model, maxSequences, limits, format, room: UNKNOWN_ROOM });
};

const chosen = (name: string, cardGb: number): string => {
  const way = bestFit(waysOf(name), onCard(free(cardGb)));
  if (!way) return 'none';
  const { passSequences, isCheckpointed, hasBaseBeside, hasHalfMoments } = way.shape;
  const kept = [isCheckpointed && 'twice', !hasBaseBeside && 'in place', hasHalfMoments && 'bf16'];
  return [passSequences, ...kept.filter(Boolean)].join(', ');
};

describe('plan of memory', () => {
  it.each([
    ['gpt2-124m', ['4', '4', '4', '4']],
    ['gpt2-250m', ['1', '4', '4', '4']],
    ['gpt2-1.1b', ['none', 'none', '4, twice, in place, bf16', '1, twice']],
  ])('%s: sequences of a pass and what is given up, for cards of 8, 12, 16 and 24 GB', (name, expected) => {
    expect([8, 12, 16, 24].map((cardGb) => chosen(name, cardGb))).toEqual(expected);
  });

  it.each(shippedProfileNames)(
    '%s: states take the bytes for each parameter that their policy says',
    (name) => {
      const parameters = parameterCount(liveProfile(name).consensus.model);
      for (const { shape, bytes } of [...waysOf(name), ...waysOf(name, { format: 'f16' })]) {
        const { weights, gradient, optimizer } = bytes;
        const each = (weights + gradient + optimizer) / parameters;
        // What passes read is the parameters themselves, or stands beside them.
        const read = shape.format === 'f16' ? 2 : 4;
        const held = 4 + (shape.format === 'f16' ? read : 0) + (shape.hasBaseBeside ? read : 0);
        const expected = held + 4 + (shape.hasHalfMoments ? 4 : 8);
        expect(Math.abs(each / expected - 1)).toBeLessThan(0.001);
        // By these bytes it is named, but for the base.
        expect(policyOf(shape)).toBe(`W${expected - (shape.hasBaseBeside ? read : 0)}`);
      }
    },
  );

  it('each way to give something up takes less than the one before, all else alike', () => {
    const bytes = (way: Parameters<typeof planBytes>[0] | undefined) => planBytes(way!);
    const ways = waysOf('gpt2-250m');
    const pick = (wanted: Partial<(typeof ways)[number]['shape']>) => {
      const best = { passSequences: 4, isCheckpointed: false, hasBaseBeside: true, hasHalfMoments: false };
      const entries = Object.entries({ ...best, ...wanted }) as [keyof typeof best, unknown][];
      return ways.find(({ shape }) => entries.every(([name, value]) => shape[name] === value));
    };
    const most = bytes(pick({}));
    expect(most).toBe(bytes(ways[0]));
    for (const less of [
      ...[{ passSequences: 2 }, { isCheckpointed: true }, { hasBaseBeside: false }, { hasHalfMoments: true }],
    ])
      expect(bytes(pick(less))).toBeLessThan(most);
  });

  it('takes nothing that a shader could not see whole, and says so where all would be too much', () => {
    const limits = { bufferBytes: 2 ** 30, bindingBytes: 2 ** 27 };
    const config = { layers: 1, width: 768, heads: 48, context: 1024, vocab: 512 };
    const request = { config, maxSequences: 16, limits, format: 'f32', room: UNKNOWN_ROOM } as const;
    const ways = arrangements(request);
    // Of eight sequences what is widest takes 4 x 768 numbers for each of 8,192 rows: 96 MiB.
    expect(ways[0]).toMatchObject({ windowBytes: 96 * 2 ** 20, shape: { passSequences: 8 } });
    for (const { windowBytes } of ways) expect(windowBytes).toBeLessThanOrEqual(limits.bindingBytes);
    for (const large of [{ context: 2 ** 14 }, { width: 6144 }])
      expect(() => arrangements({ ...request, config: { ...config, ...large } })).toThrow(
        expect.objectContaining({ code: 'ENGINE_SHAPE' }),
      );
  });

  it('goes below what a device refused, and says how much the least is where nothing fits', () => {
    const ways = waysOf('gpt2-250m');
    const first = bestFit(ways, UNKNOWN_ROOM)!;
    expect(first).toBe(ways[0]);
    expect(planBytes(bestFit(ways, UNKNOWN_ROOM, planBytes(first))!)).toBeLessThan(planBytes(first));
    const least = Math.min(...ways.map(planBytes));
    expect(bestFit(ways, onCard(least - 1))).toBeNull();
    expect(planBytes(bestFit(ways, onCard(least))!)).toBe(least);
    expect(cannotFit(ways, 'card', onCard(2 * 2 ** 30))).toMatchObject({
      code: 'ENGINE_GPU_SMALL',
      params: { device: 'card', neededMib: Math.ceil(least / 2 ** 20), freeMib: 2048 },
    });
    expect(cannotFit(ways, 'card', UNKNOWN_ROOM)).toMatchObject({ code: 'ENGINE_GPU_MEMORY' });
  });

  it('lets parameters wait in the memory of the computer only where there is room, and says when that is what lacks', () => {
    const ways = waysOf('gpt2-250m');
    const waiting = 4 * parameterCount(liveProfile('gpt2-250m').consensus.model);
    // On this card the base has no room beside the parameters.
    const beside = ways.filter(({ shape }) => shape.hasBaseBeside);
    const card = onCard(Math.min(...beside.map(planBytes)) - 1);
    const way = bestFit(ways, { ...card, ramBytes: waiting })!;
    expect([way.shape.hasBaseBeside, way.waitingBytes]).toEqual([false, waiting]);
    const short = { ...card, ramBytes: waiting - 1 };
    expect(bestFit(ways, short)).toBeNull();
    expect(cannotFit(ways, 'card', short)).toMatchObject({
      code: 'ENGINE_RAM_SMALL',
      params: { neededMib: Math.ceil(waiting / 2 ** 20), freeMib: Math.floor((waiting - 1) / 2 ** 20) },
    });
    // What the device itself refuses, or has not, is no fault of the computer's memory.
    expect(cannotFit(ways, 'card', short, new Error('refused')).code).toBe('ENGINE_GPU_SMALL');
    expect(cannotFit(ways, 'card', { ...onCard(2 ** 20), ramBytes: 0 }).code).toBe('ENGINE_GPU_SMALL');
    // In float16 they never leave the card.
    for (const { waitingBytes } of waysOf('gpt2-250m', { format: 'f16' })) expect(waitingBytes).toBe(0);
  });

  it('of a chip without memory of its own all is the memory of the computer', () => {
    const ways = waysOf('gpt2-124m');
    const room = (ramBytes: number) => ({ ...UNKNOWN_ROOM, ramBytes, sharesRam: true });
    const most = planBytes(ways[0]!);
    expect(bestFit(ways, room(most))).toBe(ways[0]);
    const less = bestFit(ways, room(most - 1))!;
    expect(planBytes(less) + less.waitingBytes).toBeLessThan(most);
    const least = Math.min(...ways.map((way) => planBytes(way) + way.waitingBytes));
    expect(bestFit(ways, room(least - 1))).toBeNull();
    expect(cannotFit(ways, 'chip', room(least - 1))).toMatchObject({
      code: 'ENGINE_RAM_SMALL',
      params: { neededMib: Math.ceil(least / 2 ** 20) },
    });
  });
});
