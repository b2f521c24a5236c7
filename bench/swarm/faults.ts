import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../../src-shared/reduce/norms.ts';
import type { Ended, ExchangeTerms, Group } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import type { Place } from '../net/network.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { slowMember } from './straggler.ts';
import { LINK_BITS_PER_S, linkBoundS, vectorProfile } from './vector.ts';
import { withGroup } from './vector-group.ts';

const MEMBERS = 4;
const TRIES = 3;
/** Whom it hits. */
const LAST = MEMBERS - 1;
const BOUND_S = linkBoundS(MEMBERS);
const PROFILE = vectorProfile(1.25 * BOUND_S);
/** In the middle of the round, by what links can do. */
const HIT_AFTER_MS = 500 * BOUND_S;

const held = {
  'kill-one': { floor: 1.15, goal: 1.05 },
  'kill-reducer': { floor: 1.3, goal: 1.1 },
  silent: { floor: 1.3, goal: 1.15 },
  straggler: { floor: 1.25, goal: 1.1 },
  'straggler-share': { floor: 0.15, goal: 0.18 },
  'straggler-share-after': { floor: 0.6, goal: 0.95 },
} as const;

type Name = keyof typeof held;

export const faultNames = Object.keys(held) as readonly Name[];

/** A fault and what puts the group right again. */
interface Fault {
  readonly terms?: ExchangeTerms['terms'];
  strike(): Promise<void>;
  mend(): Promise<void>;
}

/**
 * What one member that fails costs the others: four behind 100 Mbit, an exchange as long as 1.25 times what links need.
 * Each fault strikes in the middle of its exchange; the others' time is held against the same group without it, and
 * counts only where all of them have what commits a round, and the same.
 * @param only names of the figures wanted; null for all
 */
export async function faultFigures(only: readonly string[] | null): Promise<Figure[]> {
  const wanted = faultNames.filter((name) => !only || only.includes(name));
  if (wanted.length === 0) return [];
  const why = await whyNoNetwork();
  if (why !== null) return wanted.map((name) => unmeasured(name, '', why, held[name]));
  try {
    return await withGroup(MEMBERS, PROFILE, (group, places) => measured(group, places, wanted));
  } catch (thrown) {
    return wanted.map((name) => unmeasured(name, '', String(thrown), held[name]));
  }
}

async function measured(group: Group, places: readonly Place[], wanted: readonly Name[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  const base = await secondsOf(group);
  const over = async (name: Name, fault: Fault, without = base) => {
    if (wanted.includes(name)) figures.push(overBase(name, await struck(group, fault), without));
  };
  // Who only sends, as a relayed member does: its share of the values goes, and nobody has to step in.
  const terms = Array.from({ length: MEMBERS }, (_, number) => ({ reduces: number !== LAST }));
  if (wanted.includes('kill-one'))
    await over('kill-one', { ...killed(group), terms }, await secondsOf(group, { terms }));
  await over('kill-reducer', killed(group));
  await over('silent', unplugged(group, places[LAST]!));
  const slow = wanted.filter((name) => name.startsWith('straggler'));
  if (slow.length > 0) figures.push(...(await stragglers(group, places[LAST]!, base)));
  return figures.filter(({ name }) => wanted.includes(name as Name));
}

const killed = (group: Group): Fault => ({
  strike: () => group.kill(LAST),
  mend: () => group.revive(LAST),
});

const unplugged = (group: Group, place: Place): Fault => ({
  strike: () => place.plug(false),
  async mend() {
    await place.plug(true);
    // Its connections are of before; a new start makes new ones, as a person would.
    await group.kill(LAST);
    await group.revive(LAST);
  },
});

async function secondsOf(group: Group, terms: ExchangeTerms = {}): Promise<number[]> {
  const tries: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    await group.prepare();
    tries.push(lastS(await group.exchange(terms)));
  }
  return tries;
}

async function struck(group: Group, { terms, strike, mend }: Fault): Promise<number[]> {
  const tries: number[] = [];
  for (let i = 0; i < TRIES; i++) {
    await group.prepare();
    const during = async () => {
      await sleep(HIT_AFTER_MS);
      await strike();
    };
    const ended = await group.exchange({ ...(terms ? { terms } : {}), during });
    tries.push(lastS(ended.slice(0, LAST)));
    await mend();
  }
  return tries;
}

/** Seconds until the last of them had its average. @throws {Error} where one of them could not commit with it */
function lastS(ended: readonly Ended[]): number {
  for (const { report } of ended)
    if (!report || report.elementsShare < PROFILE.consensus.reduce.commitShare)
      throw new Error(`not enough for a commit: ${report?.elementsShare ?? 'no report'}`);
  return Math.max(...ended.map(({ ms }) => ms)) / 1_000;
}

async function stragglers(group: Group, place: Place, base: readonly number[]): Promise<Figure[]> {
  const { others, first, third, tiers } = await slowMember(group, {
    ...{ place, number: LAST, tries: TRIES, profile: PROFILE, bitsPerS: LINK_BITS_PER_S },
  });
  const share = (name: Name, shares: readonly number[]) =>
    figure(name, median(shares), 'of its chunks', { ...held[name], seen: `${listed(shares)}; ${tiers}` });
  return [
    overBase('straggler', others.map(lastS), base),
    share('straggler-share', first),
    share('straggler-share-after', third),
  ];
}

const overBase = (name: Name, tries: readonly number[], base: readonly number[]): Figure =>
  figure(name, median(tries) / median(base), 'of the base', {
    ...held[name],
    seen: `${listed(tries)} s over ${listed(base)} s`,
  });

const listed = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(' ');
