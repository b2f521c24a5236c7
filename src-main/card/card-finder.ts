import { isSameName } from '../../src-shared/cards/adapter.ts';
import { memoryOf } from '../../src-shared/cards/sensors.ts';
import type { CardSensors, CardsView, FoundCard } from '../../src-shared/contract/page/card.ts';
import type { MachineReader } from '../telemetry/reading.ts';
import { type Survey, type SurveyedCard, type SurveyOptions, survey } from './survey.ts';

export interface CardFinderOptions extends SurveyOptions {
  /** What sensors know of the memory of cards. */
  readonly sensors: MachineReader;
  told(view: CardsView): void;
  readonly signal: AbortSignal;
}

/** The graphics cards of this computer, looked for when somebody wants to know. */
export interface CardFinder {
  /** Resolves with what is there: 'once' in the life of the host, or 'again'. Rejects when the host ends, and never else. */
  find(how: 'once' | 'again'): Promise<readonly FoundCard[]>;
  stop(): Promise<void>;
}

export function openCardFinder(options: CardFinderOptions): CardFinder {
  const { sensors, told, signal } = options;
  let cards: readonly FoundCard[] = [];
  let looking: Promise<readonly FoundCard[]> | null = null;
  let isOver = true;

  async function look(): Promise<readonly FoundCard[]> {
    told({ isLooking: true, cards, problem: null });
    const [found, reading] = await Promise.all([survey(options, signal), sensors.read(signal)]);
    cards = withMemory(found, reading?.cards ?? []);
    told({ isLooking: false, cards, problem: found.problem });
    return cards;
  }

  return {
    find(how) {
      // Two at a time would only get in each other's way.
      if (looking === null || (how === 'again' && isOver)) {
        isOver = false;
        looking = look().finally(() => {
          isOver = true;
        });
      }
      return looking;
    },
    async stop() {
      await looking?.catch(() => undefined);
    },
  };
}

/** Cards with memory of their own, as far as sensors or the system's inventory know it. Pure. */
export function withMemory(
  { cards, controllers }: Pick<Survey, 'cards' | 'controllers'>,
  sensors: readonly CardSensors[],
): readonly FoundCard[] {
  const ofInventory = (name: string) =>
    controllers.find(({ model }) => isSameName(model, name))?.memoryBytes ?? null;
  return cards.map((card) => {
    const { name, facts } = card;
    const ownBytes = memoryOf({ name, vendor: facts?.vendor ?? '' }, sensors) ?? ofInventory(name);
    return { ...card, memoryBytes: sharesMemory(card) ? null : ownBytes };
  });
}

const sharesMemory = ({ kind }: SurveyedCard): boolean => kind === 'integrated' || kind === 'software';
