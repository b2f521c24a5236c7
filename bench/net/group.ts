import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CodecId } from '../../src-shared/codec/table.ts';
import type { ReduceReport } from '../../src-shared/contract/swarm.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { gridOf, type MemberTerms, rosterOf } from '../../test/src-worker/swarm/round.ts';
import { callsOf } from './calls.ts';
import type { Contributed } from './contribution.ts';
import { CALL_LIMIT_MS } from './limits.ts';
import type { MemberCalls } from './member.ts';
import type { Place } from './network.ts';
import { atRest } from './rest.ts';

const MEMBER = new URL('./member.ts', import.meta.url);
const LOOK_EVERY_MS = 50;

export type Member = ReturnType<typeof callsOf<MemberCalls>>;

/** What became of a member's exchange. */
export interface Ended {
  /** From the word to all until its average lay on the disk. */
  readonly ms: number;
  /** null of one that was killed. */
  readonly report: ReduceReport | null;
}

export interface ExchangeTerms {
  /** By member: what the roster says of it. */
  readonly terms?: readonly MemberTerms[];
  /** Times of the profile times this. */
  readonly slowdown?: number;
  /** What happens meanwhile. */
  readonly during?: () => Promise<void>;
}

/** Members that have met, each in a place of its own, and their exchanges. */
export interface Group {
  readonly size: number;
  readonly hotkeys: readonly Ss58[];
  /** One of them, to be asked for something of its own. */
  member(number: number): Member;
  /** Lays out the next round's contributions: the same values each time. @returns the round's number */
  prepare(tierOf?: (number: number) => CodecId): Promise<number>;
  /** Resolves when what earlier exchanges left on the lines has come. */
  rest(): Promise<void>;
  /** The round that was prepared, on lines at rest. */
  exchange(terms?: ExchangeTerms): Promise<readonly Ended[]>;
  /** Ends a member's processes without a word, as a power cut does. */
  kill(number: number): Promise<void>;
  /** Starts one that was killed again, and waits until everybody knows it. */
  revive(number: number): Promise<void>;
  stop(): Promise<void>;
}

interface Seat {
  child: ChildProcess;
  member: Member;
  /** What it contributed last, and in which round. */
  put: { readonly contributed: Contributed; readonly round: number } | null;
}

/** @param home of the members' data folders */
export async function openGroup(places: readonly Place[], profile: Profile, home: string): Promise<Group> {
  const group = new PlacedGroup(places, profile, home);
  try {
    await group.meet();
    return group;
  } catch (thrown) {
    await group.stop();
    throw thrown;
  }
}

class PlacedGroup implements Group {
  readonly hotkeys: Ss58[] = [];
  readonly #places: readonly Place[];
  readonly #profile: Profile;
  readonly #home: string;
  readonly #seats: Seat[];
  #round = 0;

  constructor(places: readonly Place[], profile: Profile, home: string) {
    this.#places = places;
    this.#profile = profile;
    this.#home = home;
    this.#seats = places.map((place) => ({ ...seatIn(place), put: null }));
  }

  get size(): number {
    return this.#seats.length;
  }

  member(number: number): Member {
    return this.#seats[number]!.member;
  }

  /** Starts all of them, the first one as whom the others ask first, and waits until everybody knows everybody. */
  async meet(): Promise<void> {
    let bootstrap: readonly string[] = [];
    for (let number = 0; number < this.size; number++) {
      const addresses = await this.#start(number, bootstrap);
      if (number === 0) bootstrap = addresses;
    }
    await this.#introduce();
  }

  async prepare(tierOf: (number: number) => CodecId = () => 'fp16'): Promise<number> {
    this.#round += 1;
    // One after another: each takes several times its values in memory meanwhile.
    for (const [number, seat] of this.#seats.entries()) {
      const [tier, last] = [tierOf(number), seat.put];
      if (last?.contributed.codec === tier) await seat.member.contributeAgain(last.round, this.#round);
      const contributed =
        last?.contributed.codec === tier
          ? last.contributed
          : await seat.member.contribute(this.#round, number, tier);
      seat.put = { contributed, round: this.#round };
    }
    return this.#round;
  }

  rest(): Promise<void> {
    return atRest(this.#places);
  }

  async exchange({ terms = [], slowdown = 1, during }: ExchangeTerms = {}): Promise<readonly Ended[]> {
    const { consensus } = this.#profile;
    const given = rosterOf(
      this.#round,
      gridOf(parameterCount(consensus.model), consensus),
      this.#seats.map(({ put }, number) => ({
        member: { hotkey: this.hotkeys[number]! },
        put: put!.contributed,
        ...(terms[number] ? { terms: terms[number] } : {}),
      })),
    );
    await this.rest();
    const beganMs = performance.now();
    const [ended] = await Promise.all([
      Promise.all(
        this.#seats.map(async ({ member }) => {
          const asked = {
            ...given,
            blockHash: given.rosterDigest,
            slowdown,
            rosterAgoBlocks: 0,
            round: this.#round,
          };
          const report = await member.reduce(asked).catch(() => null);
          return { ms: performance.now() - beganMs, report };
        }),
      ),
      during?.(),
    ]);
    return ended;
  }

  async kill(number: number): Promise<void> {
    const { child, member } = this.#seats[number]!;
    const pid = await member.swarmPid();
    child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
  }

  async revive(number: number): Promise<void> {
    const seat = this.#seats[number]!;
    Object.assign(seat, seatIn(this.#places[number]!));
    const neighbour = this.member((number + 1) % this.size);
    await this.#start(number, await neighbour.addresses());
    await this.#introduce();
  }

  readonly stop = async (): Promise<void> => {
    await Promise.allSettled(this.#seats.map(({ member }) => member.stop()));
    for (const { child } of this.#seats) if (child.connected) child.disconnect();
  };

  async #start(number: number, bootstrap: readonly string[]): Promise<readonly string[]> {
    const { hotkey, addresses } = await this.member(number).start({
      dataDir: join(this.#home, `member-${number}`),
      listenHost: this.#places[number]!.address,
      profile: { ...this.#profile, local: { ...this.#profile.local, bootstrap: [...bootstrap] } },
    });
    this.hotkeys[number] = hotkey;
    return addresses;
  }

  async #introduce(): Promise<void> {
    await Promise.all(this.#seats.map(({ member }) => member.setMembers(this.hotkeys)));
    const deadlineMs = performance.now() + CALL_LIMIT_MS;
    while (!(await this.#haveMet())) {
      if (performance.now() > deadlineMs) throw new Error('the members have not met');
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #haveMet(): Promise<boolean> {
    const known = await Promise.all(this.#seats.map(({ member }) => member.connected()));
    return known.every(({ length }) => length === this.size - 1);
  }
}

function seatIn(place: Place): Pick<Seat, 'child' | 'member'> {
  const child = place.fork(MEMBER);
  return { child, member: callsOf<MemberCalls>(child) };
}
