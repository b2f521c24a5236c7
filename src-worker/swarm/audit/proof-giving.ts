import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { PROOF_GIVEN_TO_ONE, PROOFS_GIVEN_AT_ONCE, PROOFS_KEPT } from './limits.ts';

/**
 * To whom proofs are on their way. The accused hears of its proof with everybody else: by asking slowly and again it
 * must not keep it from the others.
 */
export class ProofGiving {
  readonly #underWay = new Set<Ss58>();
  /** How often each had each of the last proofs. */
  readonly #given = new Map<Hex, Map<Ss58, number>>();

  /** Whether it may be given now; who begins also ends. */
  begin(digest: Hex, to: Ss58): boolean {
    if (this.#underWay.size >= PROOFS_GIVEN_AT_ONCE || this.#underWay.has(to)) return false;
    const given = this.#given.get(digest) ?? new Map<Ss58, number>();
    const before = given.get(to) ?? 0;
    if (before >= PROOF_GIVEN_TO_ONE) return false;
    this.#given.set(digest, given.set(to, before + 1));
    for (const old of [...this.#given.keys()].slice(0, -PROOFS_KEPT)) this.#given.delete(old);
    this.#underWay.add(to);
    return true;
  }

  end(to: Ss58): void {
    this.#underWay.delete(to);
  }
}
