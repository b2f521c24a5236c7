import { type AlphaRao, alphaRao, RAO_PER_TAO } from '../units.ts';
import { ratioOf } from './ratio.ts';

/** What an epoch paid to a validator's stake, after its own take. */
export interface EpochReturn {
  readonly block: number;
  readonly dividends: AlphaRao;
  /** After the epoch, its dividends included. */
  readonly stake: AlphaRao;
}

/** The return of lending to a validator, in alpha; what the price does meanwhile is not in it. */
export interface ValidatorReturn {
  readonly epochs: number;
  /** Share of the epochs that paid something. */
  readonly uptime: number;
  readonly apr: number;
  /** null: so much that a year of it is no number any more. */
  readonly apy: number | null;
  /** What a thousand alpha bring in a day. */
  readonly perThousandADay: AlphaRao;
}

const DAYS_PER_YEAR = 365;

/**
 * r of an epoch is dividends / (stake - dividends), and the mean over all of them counts those that paid nothing. With
 * n epochs a year APR = r n and APY = (1 + r)^n - 1.
 * @returns null without an epoch that had a stake
 */
export function validatorReturn(
  epochs: readonly EpochReturn[],
  tempo: number,
  blocksPerDay: number,
): ValidatorReturn | null {
  const rates = epochs.flatMap(({ dividends, stake }) => {
    const before = stake - dividends;
    const rate = before > 0n ? ratioOf(dividends, before) : null;
    return rate === null ? [] : [rate];
  });
  if (rates.length === 0 || tempo <= 0) return null;
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const perDay = blocksPerDay / tempo;
  const perYear = perDay * DAYS_PER_YEAR;
  return {
    epochs: rates.length,
    uptime: rates.filter((rate) => rate > 0).length / rates.length,
    apr: mean * perYear,
    apy: countable((1 + mean) ** perYear - 1),
    perThousandADay: alphaRao(BigInt(Math.floor(mean * perDay * 1_000 * Number(RAO_PER_TAO)))),
  };
}

/** A millionfold in a year says nothing of a year. */
const MOST_APY = 1e6;
const countable = (apy: number): number | null => (apy <= MOST_APY ? apy : null);

/** What a uid that got so much in the last epoch gets in a day, if nothing changes; cut. */
export const alphaPerDay = (emission: AlphaRao, tempo: number, blocksPerDay: number): AlphaRao | null =>
  tempo <= 0 ? null : alphaRao((emission * BigInt(blocksPerDay)) / BigInt(tempo));
