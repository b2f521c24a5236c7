import { ChunkCoder } from '../../src-shared/codec/chunk-coder.ts';
import type { CodecId } from '../../src-shared/codec/table.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Consensus, Profile } from '../../src-shared/profile/schema.ts';
import { chunkGrid } from '../../src-shared/reduce/chunks.ts';
import type { Receipt } from '../../src-shared/rounds/messages.ts';
import { believedRates, measuredRates } from '../../src-shared/rounds/rates.ts';
import { chooseTier } from '../../src-shared/rounds/tier.ts';
import type { Ended, Group } from '../net/group.ts';
import type { Place } from '../net/network.ts';

/** How many times slower it is than the others. */
const SLOWER = 5;
/** By then its tier and its part have followed its receipts. */
const ROUNDS = 3;

export interface Slow {
  /** The others' ends in the first rounds. */
  readonly others: readonly (readonly Ended[])[];
  /** Shares of the slow member's chunks that were taken, in first and in third rounds. */
  readonly first: readonly number[];
  readonly third: readonly number[];
  readonly tiers: string;
}

interface At {
  readonly place: Place;
  /** The slow member, the last one. */
  readonly number: number;
  readonly tries: number;
  readonly profile: Profile;
  readonly bitsPerS: number;
}

/**
 * Three rounds with a member whose line has a fifth of the others' both ways. In the first nothing is known of it; then
 * tiers and parts follow the receipts, as hosts have them.
 */
export async function slowMember(
  group: Group,
  { place, number, tries, profile, bitsPerS }: At,
): Promise<Slow> {
  const others: Ended[][] = [];
  const [first, third, tiers]: [number[], number[], CodecId[]] = [[], [], []];
  const slow = bitsPerS / SLOWER;
  await place.shape({ upBitsPerS: slow, downBitsPerS: slow });
  for (let i = 0; i < tries; i++) {
    const followed = new Followed(group, profile.consensus);
    for (let round = 1; round <= ROUNDS; round++) {
      const ended = await followed.round();
      if (round === 1) others.push(ended.slice(0, number));
      if (round === 1) first.push(takenOf(ended, number));
      if (round === ROUNDS) third.push(takenOf(ended, number));
    }
    tiers.push(followed.tierOf(number));
  }
  await place.shape({ upBitsPerS: bitsPerS, downBitsPerS: bitsPerS });
  return { others, first, third, tiers: `tiers ${tiers.join(' ')}` };
}

/** Of its chunks, as the first of the others has it. */
const takenOf = ([one]: readonly Ended[], number: number): number =>
  one?.report?.members[number]?.takenShare ?? 0;

/** Rounds whose tiers and parts come of the receipts of those before. */
class Followed {
  readonly #group: Group;
  readonly #consensus: Consensus;
  readonly #bytes: ReadonlyMap<CodecId, number>;
  readonly #receipts: (readonly Receipt[])[] = [];
  readonly #tiers: CodecId[];
  /** Whose receipts are not read yet. */
  #lastRound: number | null = null;

  constructor(group: Group, consensus: Consensus) {
    const { tiers } = consensus.codec;
    const grid = chunkGrid(parameterCount(consensus.model), consensus.codec.chunkElements);
    const coder = new ChunkCoder(grid, consensus);
    this.#group = group;
    this.#consensus = consensus;
    this.#bytes = new Map(tiers.map((tier) => [tier, coder.offsets(tier).at(-1)!]));
    this.#tiers = Array.from({ length: group.size }, () => tiers[0]!);
  }

  tierOf(number: number): CodecId {
    return this.#tiers[number]!;
  }

  async round(): Promise<readonly Ended[]> {
    if (this.#lastRound !== null) await this.#hear(this.#lastRound);
    const rates = measuredRates(this.#receipts);
    const { hotkeys } = this.#group;
    const { clock, codec, reduce } = this.#consensus;
    for (const [number, hotkey] of hotkeys.entries())
      this.#tiers[number] = chooseTier(codec.tiers, {
        ...{ last: this.tierOf(number), bytes: this.#bytes },
        upBytesPerS: rates.get(hotkey)?.upBytesPerS ?? null,
        exchangeMs: reduce.exchangeBlocks * clock.blockMs,
      });
    const unsaid = hotkeys.map((hotkey) => ({ hotkey, upBytesPerS: 0, downBytesPerS: 0 }));
    const terms = believedRates(unsaid, rates).map((bytesPerS) => ({ bytesPerS }));
    const round = await this.#group.prepare((number) => this.tierOf(number));
    const ended = await this.#group.exchange({ terms });
    this.#lastRound = round;
    return ended;
  }

  /** What a host reads when a round's outcome is there: by then the slow member has signed what it was asked. */
  async #hear(round: number): Promise<void> {
    await this.#group.rest();
    this.#receipts.push(await this.#group.member(0).receipts(round));
  }
}
