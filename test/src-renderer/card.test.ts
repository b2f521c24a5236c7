import { describe, expect, it } from 'vitest';
import { measurables } from '../../src-renderer/state/benchmark.ts';
import {
  cardInUse,
  footprintRows,
  memoryParts,
  microBatchText,
  nowFigures,
  rateText,
} from '../../src-renderer/state/card.ts';
import { cardFacts, cardRows, isCardChosen, tensorFlowRow } from '../../src-renderer/state/card-rows.ts';
import type { Footprint } from '../../src-shared/contract/footprint.ts';
import type { MemoryPlan } from '../../src-shared/contract/memory-plan.ts';
import type { FoundCard } from '../../src-shared/contract/page/card.ts';
import type { EngineState } from '../../src-shared/contract/page/engines.ts';
import type { View } from '../../src-shared/contract/page/sections.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import { found, geforce, onCard, onCardPaused } from '../e2e/page/card-scenes.ts';
import { mineOf } from '../e2e/page/scenes.ts';

const plan: MemoryPlan = {
  ...{ device: 'GeForce', precision: 'f32', policy: 'W16', checkpointing: false, passSequences: 2 },
  ...{
    budgetBytes: null,
    waitingBytes: 0,
    bytes: { weights: 30, gradient: 10, optimizer: 20, activations: 40, scratch: 0 },
  },
};

describe('where memory goes', () => {
  it('is parts of all that the card has, without what is nothing', () => {
    expect(memoryParts(plan, 200)).toEqual([
      { use: 'model', bytes: 40, share: 0.2 },
      { use: 'optimizer', bytes: 20, share: 0.1 },
      { use: 'activations', bytes: 40, share: 0.2 },
      { use: 'left', bytes: 100, share: 0.5 },
    ]);
  });

  it('is parts of what the plan takes where nobody knows how much there is, or the plan takes more', () => {
    for (const memoryBytes of [null, 50]) {
      const parts = memoryParts(plan, memoryBytes);
      expect(parts.map(({ share }) => share)).toEqual([0.4, 0.2, 0.4]);
    }
  });

  it('names the passes of a micro-batch where there are several', () => {
    const training = { ...mineOf(onCard(0)).training!, plan, microBatch: 4 };
    expect(microBatchText(training)).toBe('4 sequences of 1,024, 2 at a time');
    expect(microBatchText({ ...training, microBatch: 2 })).toBe('2 sequences of 1,024');
    expect(microBatchText({ ...training, microBatch: 1, plan: null })).toBe('1 sequence of 1,024');
  });
});

describe('what a run takes of the computer', () => {
  const GIB = 2 ** 30;
  const training = mineOf(onCard(0)).training!;
  const rows = (ram: Footprint['ram'], disk: Footprint['disk'], waitingBytes = 0) =>
    footprintRows({ ...training, plan: { ...plan, waitingBytes }, footprint: { ram, disk } });

  it('is told with what there was, and where nobody can tell without it', () => {
    const known = rows({ bytes: GIB, freeBytes: 8 * GIB }, { bytes: 11 * GIB, freeBytes: 200 * GIB });
    expect(known.ram).toEqual({ text: 'up to 1.0 GiB; 8.0 GiB were free at its start', short: null });
    expect(known.disk).toEqual({ text: 'up to 11.0 GiB more; 200 GiB were free at its start', short: null });
    expect(known.waiting).toBeNull();
    const unknown = rows({ bytes: GIB, freeBytes: null }, { bytes: GIB, freeBytes: null });
    expect([unknown.ram, unknown.disk]).toEqual([
      { text: 'up to 1.0 GiB', short: null },
      { text: 'up to 1.0 GiB more', short: null },
    ]);
  });

  it('says which of them is too little, and what waits there for the card', () => {
    const short = rows({ bytes: 9 * GIB, freeBytes: GIB }, { bytes: 2 * GIB, freeBytes: GIB }, 4 * GIB);
    expect(short.ram.short).toContain('close other programs');
    expect(short.disk.short).toContain('free some space');
    expect(short.waiting).toContain('4.0 GiB of it');
  });
});

it('cards of one name are rows of their own, each with its number and key', () => {
  const twin = { ...geforce, key: `${geforce.key} #2`, index: 1 };
  const problem = { code: 'CARD_TWIN' as const, params: { device: geforce.name } };
  const rows = cardRows([geforce, { ...twin, facts: null, problem }], defaultSettings, null, null);
  expect(rows.map(({ id, name, standing }) => [id, name, standing])).toEqual([
    [geforce.key, geforce.name, 'free'],
    [`${geforce.key} #2`, `${geforce.name} #2`, 'cannot'],
  ]);
});

it('a rate has the digits that stand still', () => {
  expect([rateText(987.6), rateText(9_999), rateText(14_912)]).toEqual(['988', '9,999', '14.9 k']);
});

describe('what is so now', () => {
  const whyNoPower = (view: View) => {
    const { power } = nowFigures(view, mineOf(view));
    return 'unknown' in power ? power.unknown : power.text;
  };

  it('says of a figure that is not there why, and nothing that is not so', () => {
    const view = onCard(0);
    const machine = view.machine!;
    const [sensors] = machine.cards;
    expect(whyNoPower(view)).toBe('148 W');
    expect(whyNoPower({ ...view, machine: null })).toContain('tells no such thing');
    expect(whyNoPower(onCardPaused(0))).toContain('while nothing works');
    expect(whyNoPower({ ...view, machine: { ...machine, cards: [] } })).toContain('tells no such thing');
    const alike = { ...machine, cards: [sensors!, sensors!] };
    expect(whyNoPower({ ...view, machine: alike })).toContain('Several cards of one name');
  });

  it('is of the card by the interface that it computes by', () => {
    const other: FoundCard = { ...geforce, key: `d3d12/${geforce.name}`, backend: 'd3d12' };
    const { training } = mineOf(onCard(0));
    expect(cardInUse([other, geforce], training)).toBe(geforce);
    expect(cardInUse([geforce, other], { ...training!, backend: 'd3d12' })).toBe(other);
    expect(cardInUse([other], training)).toBeNull();
  });
});

it('offers to measure the chosen card, or the first that can be used, and the processor', () => {
  const of = (settings: typeof defaultSettings, cards = found) =>
    measurables(settings, cards).map(({ device }) => device);
  expect(of(defaultSettings)).toEqual([geforce.key, 'cpu']);
  const chosen = { ...defaultSettings, 'training.engine': 'gpu', 'training.device': found[1]!.key };
  expect(of(chosen)).toEqual([found[1]!.key, 'cpu']);
  expect(of({ ...chosen, 'training.device': found[2]!.key })).toEqual([geforce.key, 'cpu']);
  expect(of(defaultSettings, found.slice(2))).toEqual(['cpu']);
  expect(of({ ...defaultSettings, 'training.engine': 'tensorflow' })).toEqual(['tensorflow', 'cpu']);
});

describe('the list of cards', () => {
  const settings = { ...defaultSettings, 'training.engine': 'gpu' };

  it('tells what a card has, and nothing of what is not known', () => {
    expect(cardFacts(found[1]!)).toBe(
      'Vulkan · Mesa 25.0.7 · shares your memory · 16 bit · buffers up to 4.0 GiB',
    );
    expect(cardFacts({ ...geforce, facts: null, memoryBytes: null })).toBe('Vulkan');
  });

  it('marks the chosen card, or the first that can be used where none was chosen', () => {
    const chosen = { ...settings, 'training.device': found[1]!.key };
    const marked = (of: typeof defaultSettings) =>
      found.filter(({ key }) => isCardChosen(key, of, found)).map(({ key }) => key);
    expect(marked(chosen)).toEqual([found[1]!.key]);
    expect(marked(settings)).toEqual([geforce.key]);
    expect(marked(defaultSettings)).toEqual([]);
  });

  it('tells what is in use from what is chosen for the next start', () => {
    const chosen = { ...settings, 'training.device': found[1]!.key };
    const rows = cardRows(found, chosen, mineOf(onCard(0)).training, geforce);
    expect(rows.map(({ standing }) => standing)).toEqual(['in-use', 'chosen', 'cannot']);
  });

  it('has TensorFlow as it stands, with why it could not be added', () => {
    const problem = { code: 'DISK_FULL', params: { path: '/home' } } as const;
    const rowOf = (state: EngineState) =>
      tensorFlowRow({ id: 'tensorflow', state, problem }, defaultSettings, null);
    const sentence = 'The disk that holds /home is full.';
    expect(rowOf({ kind: 'absent' })).toMatchObject({ standing: 'cannot', problem: { sentence } });
    // Whose program runs, before anybody presses "add".
    expect(rowOf({ kind: 'absent' }).before).toMatch(/own installer, with your rights/);
    const there = { kind: 'there', description: 'TensorFlow 2.15.1', bytes: 9e8 } as const;
    expect(rowOf(there)).toMatchObject({ standing: 'free', problem: { sentence } });
  });
});
