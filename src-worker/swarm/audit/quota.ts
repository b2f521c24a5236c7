import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { INPUTS_PER_WITNESS, INPUTS_TO_MEMBERS, ROSTERS_KEPT } from './limits.ts';

/** How many inputs were given in each of the last rounds, and to whom. */
export class InputQuota {
  readonly #given = new Map<Hex, Map<Ss58 | 'members', number>>();

  /** Whether one more may be given; counts it where it may. */
  take(rosterDigest: Hex, asker: Ss58, isWitness: boolean): boolean {
    const round = this.#given.get(rosterDigest) ?? new Map<Ss58 | 'members', number>();
    this.#given.set(rosterDigest, round);
    for (const old of [...this.#given.keys()].slice(0, -ROSTERS_KEPT)) this.#given.delete(old);
    const whose = isWitness ? asker : 'members';
    const given = round.get(whose) ?? 0;
    if (given >= (isWitness ? INPUTS_PER_WITNESS : INPUTS_TO_MEMBERS)) return false;
    round.set(whose, given + 1);
    return true;
  }
}
