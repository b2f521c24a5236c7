import { MAX_ISSUANCE_RAO, MAX_PENDING_FUNDINGS } from '../limits.ts';
import { RELEASES, type Release, releaseOf } from '../runtime/release.ts';
import type { Funding } from './executor.ts';
import { refusals } from './refusal.ts';

/** What the next block does without a transaction. */
export interface Order {
  readonly funding: readonly Funding[];
  /** Subnets that end with it. */
  readonly dissolved: readonly number[];
  /** The release whose rules hold from the block after it on; null for the same as before. */
  readonly upgrade: Release | null;
}

/** What was asked of the next block from outside, until there is one that did it. */
export class Orders {
  readonly #funding: Funding[] = [];
  readonly #dissolved = new Set<number>();
  #upgrade: Release | null = null;

  /** @param issuedRao all TAO that there is. @throws {Refusal} where it would be more than the chain can issue */
  fund(funding: Funding, issuedRao: bigint): void {
    if (this.#funding.length >= MAX_PENDING_FUNDINGS) throw refusals.tooManyFundings();
    const promised = this.#funding.reduce((sum, { amountRao }) => sum + amountRao, funding.amountRao);
    if (issuedRao + promised > MAX_ISSUANCE_RAO) throw refusals.overIssued();
    this.#funding.push(funding);
  }

  /** @param netuids all that there are. @throws {Refusal} for a subnet that is not there */
  dissolve(netuid: number, netuids: readonly number[]): void {
    if (!netuids.includes(netuid)) throw refusals.noSubnet();
    this.#dissolved.add(netuid);
  }

  /**
   * @param specVersion null: the newest release
   * @param now the release whose rules hold. @throws {Refusal} for one that is not known here, or not newer
   */
  upgrade(specVersion: number | null, now: Release): void {
    const wanted = specVersion === null ? RELEASES.at(-1) : releaseOf(specVersion);
    if (!wanted || wanted.specVersion <= now.specVersion) throw refusals.noUpgrade(RELEASES, now);
    this.#upgrade = wanted;
  }

  waiting(): Order {
    return { funding: [...this.#funding], dissolved: [...this.#dissolved], upgrade: this.#upgrade };
  }

  /** A block has done it. What was asked for meanwhile waits for the next one. */
  done({ funding, dissolved, upgrade }: Order): void {
    this.#funding.splice(0, funding.length);
    for (const netuid of dissolved) this.#dissolved.delete(netuid);
    if (this.#upgrade === upgrade) this.#upgrade = null;
  }
}
