import type { EpochOutcome } from '../../economy/yuma.ts';
import type { Store } from '../store.ts';
import { splitByMechanism } from './mechanisms.ts';

/** What came out for one mechanism, and the number that its own storage lies under. */
export interface Weighed {
  readonly index: number;
  readonly outcome: EpochOutcome;
}

/** What a subnet says of its neurons over all of its mechanisms. */
export interface Blended
  extends Pick<EpochOutcome, 'active' | 'permits' | 'consensus' | 'validatorTrust' | 'dividends'> {
  /** Who is paid of what validators earn: dividends, or stake in a mechanism that has none. */
  readonly earned: readonly number[];
}

/** Any fixed number that keeps parts exact enough: only proportions matter. */
const WHOLE = 10n ** 15n;

/** Each mechanism counts by its part of emission; whoever is active or permitted in one is so on the subnet. */
export function blend(store: Store, netuid: number, mechanisms: readonly Weighed[]): Blended {
  const [first] = mechanisms;
  if (first && mechanisms.length === 1) return { ...first.outcome, earned: earnedIn(first.outcome) };
  const weights = splitByMechanism(store, netuid, WHOLE).map((part) => Number(part) / Number(WHOLE));
  const outcomes = mechanisms.map(({ outcome }) => outcome);
  const any = (of: (outcome: EpochOutcome) => readonly boolean[]): boolean[] =>
    outcomes.map(of).reduce<boolean[]>((all, each) => each.map((is, uid) => is || (all[uid] ?? false)), []);
  const mean = (of: (outcome: EpochOutcome) => readonly number[]): number[] =>
    outcomes
      .map(of)
      .reduce<number[]>(
        (all, each, i) => each.map((value, uid) => (all[uid] ?? 0) + value * (weights[i] ?? 0)),
        [],
      );
  return {
    active: any(({ active }) => active),
    permits: any(({ permits }) => permits),
    consensus: mean(({ consensus }) => consensus),
    validatorTrust: mean(({ validatorTrust }) => validatorTrust),
    dividends: mean(({ dividends }) => dividends),
    earned: mean(inAll),
  };
}

const hasAny = (shares: readonly number[]): boolean => shares.some((share) => share > 0);

const earnedIn = ({ dividends, backing }: EpochOutcome): readonly number[] =>
  hasAny(dividends) ? dividends : backing;

/** Where a mechanism has paid no miner its whole part is its validators'; elsewhere they have half. */
function inAll(outcome: EpochOutcome): readonly number[] {
  const isIdle = !hasAny(outcome.dividends) && !hasAny(outcome.incentive);
  return isIdle ? earnedIn(outcome).map((share) => 2 * share) : earnedIn(outcome);
}
