import { sha256Hex } from '../../../src-node/sha256.ts';
import { type ResultsList, sameLeaf } from '../../../src-shared/rounds/results-list.ts';
import type { SignEd25519 } from '../../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import type { Network } from '../net/link.ts';
import type { Answers } from './answers.ts';
import type { Average } from './average.ts';
import type { Fates } from './fates.ts';
import type { Signed, SignedResult } from './frames.ts';
import { type Gathering, gatherMissing } from './gather.ts';
import type { RoundPlan } from './plan.ts';
import { isNone, type ResultFault, resultFault, signNone } from './results.ts';

interface RoundResultsInit {
  readonly plan: RoundPlan;
  readonly network: Network;
  readonly sign: SignEd25519;
  readonly average: Average;
  readonly answers: Answers;
  readonly fates: Fates;
  /** Whether this member, as the standby of that chunk, has asked everybody for it. */
  readonly hasAsked: (chunk: number) => boolean;
  /** One more chunk has an answer that everybody is told. */
  readonly onTold: () => void;
  /** That chunk has an answer of ours, or a result of others. */
  readonly onAnswered: (chunk: number) => void;
}

/**
 * What is answered of each chunk of a round: results and words of others are checked, kept and held against what the same
 * signer said before; our own are on the disk before anybody hears them, and never other ones; and what did not come is
 * asked of others.
 */
export class RoundResults {
  readonly #answered: number[] = [];
  readonly #init: RoundResultsInit;

  constructor(init: RoundResultsInit) {
    this.#init = init;
    for (const [chunk, answer] of init.answers.earlier) this.#sayAgain(chunk, answer !== null);
  }

  /** Chunks whose answer this member tells everybody, in their order. */
  get answered(): readonly number[] {
    return this.#answered;
  }

  /** @returns null: no result of that chunk is here */
  read(chunk: number): Promise<SignedResult | null> {
    return this.#init.average.read(chunk);
  }

  /** Our word that a chunk has no result, if we said so. */
  ownNone(chunk: number): Signed | null {
    const { plan, fates, sign } = this.#init;
    const isSaid = plan.self !== null && fates.saidNone(chunk, plan.self);
    return isSaid ? signNone(plan, chunk, sign) : null;
  }

  /** Keeps a result that a member told. @returns what is wrong with it, if it would have been wanted */
  async take(chunk: number, result: SignedResult): Promise<ResultFault | null> {
    if (!(await this.#init.average.wants(chunk, result.signer))) {
      this.#compare(chunk, result);
      return null;
    }
    const fault = this.#faultOf(chunk, result);
    if (!fault) await this.#keep(chunk, result);
    return fault;
  }

  /** Notes the word that there is no result. @returns false where its signer may not say so, or did not */
  takeNone(chunk: number, none: Signed): boolean {
    const { plan, average, fates } = this.#init;
    if (!isNone(plan, chunk, none, (member) => this.#keyOf(member))) return false;
    if (average.from(chunk, none.signer)) fates.contradicts(chunk, none.signer);
    fates.none(chunk, none.signer);
    return true;
  }

  /** Our own answer is on the disk before anybody hears it. @param result null: there is none */
  async answer(chunk: number, result: SignedResult | null): Promise<void> {
    const { plan, average, answers, fates, onAnswered } = this.#init;
    const self = plan.self!;
    if (result) {
      // The reducer's own has come meanwhile: nobody needs ours.
      if (average.signerOf(chunk) === plan.reducerOf(chunk)) return;
      if (!(await average.put(chunk, result))) return;
      await answers.keep(chunk, average.from(chunk, self), () => average.sync());
      fates.result(chunk, self);
    } else {
      await answers.keep(chunk, null, async () => {});
      fates.none(chunk, self);
    }
    this.#tell(chunk);
    onAnswered(chunk);
  }

  /** Asks the members for what did not come by itself. */
  async gather(how: Pick<Gathering, 'signal' | 'patienceMs' | 'isLost'>): Promise<void> {
    const { plan, network, average, fates } = this.#init;
    await gatherMissing({
      ...{ plan, network, ...how },
      isMissing: (chunk) => !average.has(chunk) && !fates.isSettled(chunk),
      take: async (chunk, result) => {
        if (!this.#faultOf(chunk, result)) await this.#keep(chunk, result);
      },
    });
  }

  /**
   * Asks the members for the results that a list names and this one lacks.
   * @param how.first who is asked before all others: a signer of the list can give all of it
   * @param how.limitMs how long each of them may take
   */
  async gatherLeaves(
    list: ResultsList,
    how: { readonly first: readonly Ss58[]; readonly limitMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { plan, network, average } = this.#init;
    await gatherMissing({
      ...{ plan, network, signal },
      first: how.first.map((hotkey) => plan.indexOf(hotkey)).filter((index) => index !== null),
      patienceMs: () => how.limitMs,
      isLost: () => false,
      isMissing: (chunk) => {
        const leaf = list[chunk];
        return leaf != null && !average.holds(chunk, leaf);
      },
      digestOf: (chunk) => list[chunk]!.digest,
      take: async (chunk, result) => {
        const leaf = { ...result, digest: sha256Hex(result.values) };
        if (sameLeaf(leaf, list[chunk]!) && !this.#faultOf(chunk, result))
          await average.replace(chunk, result);
      },
    });
  }

  async #keep(chunk: number, result: SignedResult): Promise<void> {
    const { average, fates, hasAsked, onAnswered } = this.#init;
    if (!(await average.put(chunk, result))) return;
    if (fates.saidNone(chunk, result.signer)) fates.contradicts(chunk, result.signer);
    fates.result(chunk, result.signer);
    // Where its standby had to ask for it, others may have no answer of the reducer either.
    if (hasAsked(chunk)) this.#tell(chunk);
    onAnswered(chunk);
  }

  /** A result that is not wanted may still contradict what the same signer said before. */
  #compare(chunk: number, result: SignedResult): void {
    const { average, fates } = this.#init;
    const held = average.from(chunk, result.signer);
    if (!held || held.digest === sha256Hex(result.values)) return;
    if (!this.#faultOf(chunk, result)) fates.contradicts(chunk, result.signer);
  }

  #tell(chunk: number): void {
    this.#answered.push(chunk);
    this.#init.onTold();
  }

  /** An answer from before a restart. One whose values are lost is not given again: who heard it passes it on. */
  #sayAgain(chunk: number, hadResult: boolean): void {
    const { plan, average, fates } = this.#init;
    if (hadResult && !average.from(chunk, plan.self!)) return;
    if (hadResult) fates.result(chunk, plan.self!);
    else fates.none(chunk, plan.self!);
    this.#answered.push(chunk);
  }

  #keyOf(member: number) {
    const hotkey = this.#init.plan.members[member]?.hotkey;
    return hotkey ? this.#init.network.peerKey(hotkey) : null;
  }

  #faultOf(chunk: number, result: SignedResult) {
    return resultFault(this.#init.plan, chunk, result, (member) => this.#keyOf(member));
  }
}
