import { median } from '../../src-shared/reduce/norms.ts';
import type { Group } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import { residentBytes } from '../net/resident.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { vectorProfile } from './vector.ts';
import { withGroup } from './vector-group.ts';

const NAME = 'memory-growth';
const HELD = { floor: 1.1, goal: 1.02 } as const;
const MEMBERS = 3;
/** 1.3 million values, 2.6 MB: fifty rounds of it take a minute. */
const MODEL = { layers: 4, width: 128, heads: 2, context: 64, vocab: 4_096 };
const UNSHAPED = { upBitsPerS: null };
const EXCHANGE_S = 30;
const [EARLY, LATE] = [5, 50];

/** Resident bytes of `swarm` after its fiftieth round over those after its fifth; the median of three members. */
export async function memoryGrowth(): Promise<Figure> {
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured(NAME, 'of round 5', why, HELD);
  return withGroup(MEMBERS, vectorProfile(EXCHANGE_S, MODEL), grown, UNSHAPED);
}

async function grown(group: Group): Promise<Figure> {
  for (let round = 1; round <= EARLY; round++) await exchanged(group);
  const early = await resident(group);
  for (let round = EARLY + 1; round <= LATE; round++) await exchanged(group);
  const late = await resident(group);
  const ratios = late.map((bytes, number) => bytes / early[number]!);
  const seen = late.map((bytes, number) => `${inMb(early[number]!)} to ${inMb(bytes)} MB`).join(', ');
  return figure(NAME, median(ratios), 'of round 5', { ...HELD, seen });
}

async function exchanged(group: Group): Promise<void> {
  await group.prepare();
  for (const { report } of await group.exchange())
    if (report?.elementsShare !== 1) throw new Error('a round was not whole');
}

const resident = (group: Group): Promise<number[]> =>
  Promise.all(
    Array.from({ length: MEMBERS }, async (_, number) => {
      const { now } = await residentBytes(await group.member(number).swarmPid());
      return now;
    }),
  );

const inMb = (bytes: number): string => (bytes / 1e6).toFixed(0);
