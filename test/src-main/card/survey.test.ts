import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCardFinder, withMemory } from '../../../src-main/card/card-finder.ts';
import { type SurveyedCard, survey } from '../../../src-main/card/survey.ts';
import { adapterOfKey } from '../../../src-shared/cards/adapter.ts';
import type { CardSensors, CardsView } from '../../../src-shared/contract/page/card.ts';
import { chooseSoftwareGpu } from '../../src-worker/train/engine/software-gpu.ts';

const { signal } = new AbortController();
const entry = fileURLToPath(new URL('../../fixtures/children/survey-child.ts', import.meta.url));
/** A survey of drivers that do what their cards' names say. */
const options = (...names: readonly string[]) => ({
  ...{
    entry,
    allowsSoftware: false,
    probeMs: 1_000,
    extraEnv: { CUDA_VISIBLE_DEVICES: names.join(',') },
    log: () => undefined,
  },
});

const adapterOnly = ({ backend, name, index }: SurveyedCard) => ({
  ...{ backend, name },
  ...(index !== undefined && { index }),
});

describe('a survey of cards', () => {
  it('goes on after a driver that crashes, hangs or refuses, and tells of each what it did', async () => {
    const { cards, problem } = await survey(
      options('RTX 3060', 'crashes', 'hangs', 'is not given', 'refuses', 'RTX 4090', 'plays a card'),
      signal,
    );
    expect(problem).toBeNull();
    expect(cards.map(({ name, problem: why }) => [name, why?.code ?? null])).toEqual([
      ['RTX 3060', null],
      ['crashes', 'CARD_DRIVER_CRASHED'],
      ['hangs', 'CARD_SILENT'],
      ['is not given', 'CARD_NOT_GIVEN'],
      ['refuses', 'CARD_REFUSED'],
      ['RTX 4090', null],
      ['plays a card', 'CARD_IS_PROCESSOR'],
    ]);
    expect(cards[1]?.problem?.params).toEqual({ device: 'crashes', reason: 'signal SIGSEGV' });
    expect(cards[0]).toMatchObject({
      key: 'vulkan/RTX 3060',
      kind: 'discrete',
      facts: { f16: true, subgroupMatrix: true, bufferBytes: 2 ** 32 },
    });
  });

  it('lists each of several cards of one name by its own key, and says which of them can be reached', async () => {
    const { cards } = await survey(options('RTX 3060', 'RTX 4090', 'RTX 3060', 'RTX 3060'), signal);
    expect(cards.map(({ key, problem }) => [key, problem?.code ?? null])).toEqual([
      ['vulkan/RTX 3060', null],
      ['vulkan/RTX 4090', null],
      ['vulkan/RTX 3060 #2', 'CARD_TWIN'],
      ['vulkan/RTX 3060 #3', 'CARD_TWIN'],
    ]);
    for (const card of cards) expect(adapterOfKey(card.key)).toEqual(adapterOnly(card));
  });

  it('takes a processor that plays a card where somebody named its driver', async () => {
    const { cards } = await survey({ ...options('plays a card'), allowsSoftware: true }, signal);
    expect(cards[0]).toMatchObject({ kind: 'software', problem: null });
  });

  it('whose drivers crash before any card is listed says so', async () => {
    const { cards, problem } = await survey(options('crashes when listed'), signal);
    expect(cards).toEqual([]);
    expect(problem).toEqual({ code: 'CARD_DRIVERS_CRASHED', params: { reason: 'signal SIGSEGV' } });
  });

  it('ends with its signal, whatever hangs', async () => {
    const ending = new AbortController();
    const looked = survey({ ...options('hangs'), probeMs: 60_000 }, ending.signal);
    setImmediate(() => ending.abort());
    await expect(looked).rejects.toMatchObject({ name: 'AbortError' });
  });

  const lacking = chooseSoftwareGpu();
  it.skipIf(lacking !== null)('finds the cards of this computer, by the real library', async () => {
    const { VK_DRIVER_FILES = '', XDG_RUNTIME_DIR = '' } = process.env;
    const { cards, problem } = await survey(
      { allowsSoftware: false, extraEnv: { VK_DRIVER_FILES, XDG_RUNTIME_DIR }, log: () => undefined },
      signal,
    );
    expect(problem).toBeNull();
    expect(cards.length).toBeGreaterThan(0);
    for (const card of cards) {
      expect(card).toMatchObject({
        backend: 'vulkan',
        kind: 'software',
        facts: { isSoftware: true, timestamps: true },
        problem: { code: 'CARD_IS_PROCESSOR' },
      });
      expect(card.facts?.bindingBytes).toBeGreaterThanOrEqual(128 * 2 ** 20);
    }
  });
});

describe('cards that were looked for', () => {
  it('are looked for once, or when somebody says again, and one search at a time', async () => {
    const views: CardsView[] = [];
    let reads = 0;
    const finder = openCardFinder({
      ...options('RTX 3060'),
      sensors: {
        async read() {
          reads++;
          return null;
        },
      },
      told: (view) => views.push(view),
      signal,
    });
    const [first, second] = await Promise.all([finder.find('once'), finder.find('again')]);
    expect(second).toBe(first);
    expect(await finder.find('once')).toBe(first);
    expect(reads).toBe(1);
    await finder.find('again');
    expect(reads).toBe(2);
    expect(views.map(({ isLooking, cards }) => [isLooking, cards.length])).toEqual([
      [true, 0],
      [false, 1],
      [true, 1],
      [false, 1],
    ]);
  });

  it('have the memory that sensors or the inventory know, unless they share it', async () => {
    const { cards } = await survey(options('RTX 3060', 'RTX 4090'), signal);
    const built = { ...cards[1]!, name: 'Intel UHD 770', kind: 'integrated' as const };
    const sensors: CardSensors = {
      ...{ vendor: 'nvidia', name: 'RTX 3060', celsius: null, watts: null, memoryBytes: 12 * 2 ** 30 },
      ...{ usedBytes: null, busy: null, fan: null },
    };
    const controllers = [
      { vendor: 'NVIDIA', model: 'RTX-4090', memoryBytes: 24 * 2 ** 30 },
      { vendor: 'Intel', model: 'Intel UHD 770', memoryBytes: 2 ** 27 },
    ];
    const found = withMemory({ cards: [...cards, built], controllers }, [sensors]);
    expect(found.map(({ memoryBytes }) => memoryBytes)).toEqual([12 * 2 ** 30, 24 * 2 ** 30, null]);
  });
});
