import { inSlices } from '../../../src-node/portions.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { underEither, withLimit } from '../../../src-node/waits.ts';
import type { ReduceReport } from '../../../src-shared/contract/swarm.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { ResultsName, ResultsVote } from '../../../src-shared/rounds/messages.ts';
import { type ResultsList, resultsDigestInPortions } from '../../../src-shared/rounds/results-list.ts';
import {
  listFault,
  proposeResults,
  type ResultsKnown,
  signListFault,
} from '../../../src-shared/rounds/results-rules.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import { LIST_DONOR_LIMIT_MS, LIST_JUDGE_LIMIT_MS, ROUNDS_KEPT } from '../limits.ts';
import type { Butterfly } from './butterfly.ts';
import type { Exchange } from './exchange.ts';
import type { Lists } from './lists.ts';

interface ListingInit {
  readonly butterfly: Butterfly;
  readonly lists: Lists;
  /** Who signed that list, as far as it is known here. */
  signersOf(name: ResultsName): readonly Ss58[];
  /** A list of another witness that this one may sign: it holds and has checked every result of it. */
  onSound(vote: ResultsVote): void;
}

/**
 * What a member does about the results list of a round (ROUNDS section 5): as a witness it composes one from what it
 * holds and looks at those of others; as everybody it makes the average of what the valid one names.
 */
export class Listing {
  readonly #init: ListingInit;
  /** By roster and list; of the last rounds. */
  readonly #taking = new Map<string, Promise<ReduceReport>>();
  readonly #judging = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(init: ListingInit) {
    this.#init = init;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /**
   * The list of what is held here, on disk before it is named.
   * @returns null with what is wrong, where nobody would sign it
   * @throws {AppError} NOT_NOW when the round's exchange is not over here
   */
  async compose(
    { round, rosterDigest }: Omit<ResultsName, 'resultsDigest'>,
    signal: AbortSignal,
  ): Promise<{ readonly resultsDigest: Hex | null; readonly fault: string | null }> {
    const exchange = await this.#exchange(round, rosterDigest);
    await exchange.gathered;
    const known = knownTo(exchange);
    const list = proposeResults(known);
    const fault = listFault(list, known);
    if (fault) return { resultsDigest: null, fault };
    const resultsDigest = await inSlices(resultsDigestInPortions(list, sha256), signal);
    await this.#init.lists.keep({ round, rosterDigest, resultsDigest }, list, signal);
    return { resultsDigest, fault: null };
  }

  /** Looks at what another witness proposes, once what this one takes by itself is in; each proposal once. */
  async judge(vote: ResultsVote): Promise<void> {
    const key = `${vote.proposer} ${vote.resultsDigest}`;
    if (this.#judging.has(key)) return;
    this.#judging.add(key);
    const { signal } = this.#stopping;
    try {
      if (await this.#isSound(vote, signal)) this.#init.onSound(vote);
    } catch (thrown) {
      if (!signal.aborted) console.error('a results list could not be looked at', thrown);
    } finally {
      this.#judging.delete(key);
    }
  }

  /**
   * Makes the round's average of what the list names: asks for the list and for every result that is not here, and
   * seals. Asked again for the same list it answers the same.
   * @throws {AppError} NOT_NOW, RESULTS_MISSING
   */
  take(name: ResultsName, signal: AbortSignal): Promise<ReduceReport> {
    const key = `${name.rosterDigest} ${name.resultsDigest}`;
    const known = this.#taking.get(key);
    if (known) return known;
    const taking = underEither([signal, this.#stopping.signal], (either) => this.#take(name, either));
    this.#taking.set(key, taking);
    for (const old of [...this.#taking.keys()].slice(0, -ROUNDS_KEPT)) this.#taking.delete(old);
    taking.catch(() => this.#taking.delete(key));
    return taking;
  }

  async #take(name: ResultsName, signal: AbortSignal): Promise<ReduceReport> {
    const { round, rosterDigest } = name;
    const sealed = this.#init.butterfly.sealedOf(rosterDigest);
    if (sealed?.resultsDigest === name.resultsDigest) return sealed.report;
    const exchange = await this.#exchange(round, rosterDigest);
    await exchange.gathered;
    const list = await this.#wholeList(name, exchange, this.#init.signersOf(name), signal);
    if (!list) throw new AppError('RESULTS_MISSING', { round });
    await this.#init.lists.keep(name, list, signal);
    await exchange.average.seal(list, signal);
    return exchange.report({
      contributorsOf: (chunk) => list[chunk]?.contributors ?? null,
      signerOf: (chunk) => list[chunk]?.signer ?? null,
      size: list.filter((leaf) => leaf !== null).length,
    });
  }

  async #isSound(vote: ResultsVote, signal: AbortSignal): Promise<boolean> {
    const exchange = await this.#init.butterfly.exchangeOver(vote.rosterDigest);
    if (exchange?.plan.roster.round !== vote.round) return false;
    await exchange.gathered;
    // Whatever it names and whoever is asked for that: the round does not wait longer for it.
    const limited = withLimit(signal, LIST_JUDGE_LIMIT_MS);
    const list = await this.#wholeList(vote, exchange, [vote.proposer], limited);
    if (!list || signListFault(list, knownTo(exchange))) return false;
    await this.#init.lists.keep(vote, list, signal);
    return true;
  }

  /**
   * The list, with every result that it names here; null where it is not to be had whole, or breaks the rules.
   * @param first who can give both: they are asked before all others
   */
  async #wholeList(
    name: ResultsName,
    exchange: Exchange,
    first: readonly Ss58[],
    signal: AbortSignal,
  ): Promise<ResultsList | null> {
    const { average } = exchange;
    const list = await this.#init.lists.find(name, first, signal);
    if (!list || listFault(list, knownTo(exchange))) return null;
    await exchange.results.gatherLeaves(list, { first, limitMs: LIST_DONOR_LIMIT_MS }, signal);
    return list.every((leaf, chunk) => !leaf || average.holds(chunk, leaf)) ? list : null;
  }

  async #exchange(round: number, rosterDigest: Hex): Promise<Exchange> {
    const exchange = this.#init.butterfly.heldExchange(rosterDigest);
    if (exchange?.plan.roster.round === round) return exchange;
    throw new AppError('NOT_NOW', { what: `The results of round ${round}`, state: 'not reduced' });
  }
}

const knownTo = ({ plan, average }: Exchange): ResultsKnown => ({
  grid: plan.grid,
  commitShare: plan.commitShare,
  weights: plan.weights,
  reducerOf: (chunk) => plan.reducerOf(chunk),
  standbyOf: (chunk) => plan.standbyOf(chunk),
  held: (chunk) => average.held(chunk),
});
