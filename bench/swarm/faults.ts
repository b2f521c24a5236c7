import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import type { Ended, ExchangeTerms, Group } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import type { Place } from '../net/network.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { slowMember } from './straggler.ts';
import { LINK_BITS_PER_S, linkBoundS, SLOWER_BITS_PER_S, vectorProfile } from './vector.ts';
import { lineOf, withGroup } from './vector-group.ts';

const MEMBERS = 4;
const TRIES = 3;
/** Whom it hits. */
const LAST = MEMBERS - 1;
const EXCHANGE_OVER_BOUND = 1.25;

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
const stragglerNames = faultNames.filter((name) => name.startsWith('straggler'));

/** A fault and what puts the group right again. */
interface Fault {
  readonly terms?: ExchangeTerms['terms'];
  strike(): Promise<void>;
  mend(): Promise<void>;
}

/**
 * What one member that fails costs the others: four behind 100 Mbit, an exchange as long as 1.25 times what links need.
 * Each fault strikes in the middle of its exchange; the others' time is held against the same group without it, and
 * counts only where all of them have what commits a round, and the same. Where the processors cannot carry even the
 * group without a fault, all of it is taken behind slower links.
 * @param only names of the figures wanted; null for all
 */
export async function faultFigures(only: readonly string[] | null): Promise<Figure[]> {
  const wanted = faultNames.filter((name) => !only || only.includes(name));
  if (wanted.length === 0) return [];
  let why = await whyNoNetwork();
  for (const bitsPerS of why === null ? [LINK_BITS_PER_S, SLOWER_BITS_PER_S] : []) {
    const found = await figuresAt(bitsPerS, wanted, why).catch(String);
    if (typeof found !== 'string') return found;
    why = `at ${bitsPerS / 1e6} Mbit ${found}`;
  }
  return wanted.map((name) => unmeasured(name, '', why ?? '', held[name]));
}

/** @param instead of what: why the group could not be had behind faster links; null where it was not tried */
function figuresAt(bitsPerS: number, wanted: readonly Name[], instead: string | null): Promise<Figure[]> {
  const boundS = linkBoundS(MEMBERS, bitsPerS);
  const profile = vectorProfile(EXCHANGE_OVER_BOUND * boundS);
  const note = instead === null ? '' : `; links of ${bitsPerS / 1e6} Mbit, for ${instead}`;
  return withGroup(
    MEMBERS,
    profile,
    (group, places) => new Faults({ group, places, profile, boundS, bitsPerS, note }).figures(wanted),
    lineOf(bitsPerS),
  );
}

interface FaultsAt {
  readonly group: Group;
  readonly places: readonly Place[];
  readonly profile: Profile;
  readonly boundS: number;
  readonly bitsPerS: number;
  /** Behind what is seen of each figure. */
  readonly note: string;
}

/** One group and what becomes of it with each fault. */
class Faults {
  readonly #at: FaultsAt;

  constructor(at: FaultsAt) {
    this.#at = at;
  }

  /** @throws {Error} where the group without a fault cannot commit */
  async figures(wanted: readonly Name[]): Promise<Figure[]> {
    const { group, places } = this.#at;
    const base = await this.#secondsOf();
    // Who only sends, as a relayed member does: its share of the values goes, and nobody has to step in.
    const terms = Array.from({ length: MEMBERS }, (_, number) => ({ reduces: number !== LAST }));
    const ways: readonly (readonly [readonly Name[], () => Promise<readonly Figure[]>])[] = [
      [
        ['kill-one'],
        async () => [
          await this.#over('kill-one', { ...killed(group), terms }, await this.#secondsOf({ terms })),
        ],
      ],
      [['kill-reducer'], async () => [await this.#over('kill-reducer', killed(group), base)]],
      [['silent'], async () => [await this.#over('silent', unplugged(group, places[LAST]!), base)]],
      [stragglerNames, () => this.#stragglers(base)],
    ];
    const figures: Figure[] = [];
    for (const [names, measure] of ways) {
      if (!names.some((name) => wanted.includes(name))) continue;
      // A fault that no round survives keeps no other one from being seen.
      const found = await measure().catch((thrown: unknown) =>
        names.map((name) => unmeasured(name, '', `${thrown}${this.#at.note}`, held[name])),
      );
      figures.push(...found.filter(({ name }) => wanted.includes(name as Name)));
    }
    return figures;
  }

  async #over(name: Name, fault: Fault, base: readonly number[]): Promise<Figure> {
    return this.#overBase(name, await this.#struck(fault), base);
  }

  #overBase(name: Name, tries: readonly number[], base: readonly number[]): Figure {
    const seen = `${listed(tries)} s over ${listed(base)} s${this.#at.note}`;
    return figure(name, median(tries) / median(base), 'of the base', { ...held[name], seen });
  }

  async #secondsOf(terms: ExchangeTerms = {}): Promise<number[]> {
    const { group } = this.#at;
    const tries: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      await group.prepare();
      tries.push(this.#lastS(await group.exchange(terms)));
    }
    return tries;
  }

  /** In the middle of the round, by what links can do. */
  async #struck({ terms, strike, mend }: Fault): Promise<number[]> {
    const { group, boundS } = this.#at;
    const tries: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      await group.prepare();
      const during = async () => {
        await sleep(500 * boundS);
        await strike();
      };
      const ended = await group.exchange({ ...(terms ? { terms } : {}), during });
      await mend();
      tries.push(this.#lastS(ended.slice(0, LAST)));
    }
    return tries;
  }

  /** Seconds until the last of them had its average. @throws {Error} where one of them could not commit with it */
  #lastS(ended: readonly Ended[]): number {
    const { commitShare } = this.#at.profile.consensus.reduce;
    for (const { report } of ended)
      if (!report || report.elementsShare < commitShare)
        throw new Error(`not enough for a commit: ${report?.elementsShare ?? 'no report'}`);
    return Math.max(...ended.map(({ ms }) => ms)) / 1_000;
  }

  async #stragglers(base: readonly number[]): Promise<Figure[]> {
    const { group, places, profile, bitsPerS, note } = this.#at;
    const { others, first, third, tiers } = await slowMember(group, {
      ...{ place: places[LAST]!, number: LAST, tries: TRIES, profile, bitsPerS },
    });
    const share = (name: Name, shares: readonly number[]) =>
      figure(name, median(shares), 'of its chunks', {
        ...{ ...held[name], seen: `${listed(shares)}; ${tiers}${note}` },
      });
    return [
      this.#overBase(
        'straggler',
        others.map((ended) => this.#lastS(ended)),
        base,
      ),
      share('straggler-share', first),
      share('straggler-share-after', third),
    ];
  }
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

const listed = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(' ');
