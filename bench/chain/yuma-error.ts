import { type EpochInput, runEpoch } from '../../src-worker/devnet/economy/yuma.ts';
import { type Figure, figure } from '../report/figures.ts';
import { type Seeded, seeded } from './seeded.ts';
import { reference, type Subnet } from './yuma-reference.ts';
import { type Scenario, scenarios } from './yuma-worked.ts';

const SUBNETS = 1_000;
const LIQUID = { low: 0.1, high: 0.3, steepness: 10 };

/**
 * The farthest that any share, trust or bond lies from the reference, over random subnets of one epoch each. Beside it
 * the worked values of Subtensor's own tests, which are written to four digits.
 */
export async function yumaError(): Promise<Figure> {
  const random = seeded(1_000);
  let worst = 0;
  for (let i = 0; i < SUBNETS; i++) worst = Math.max(worst, apart(randomSubnet(random)));
  const worked = Math.max(...scenarios.map(workedError));
  if (worked > 1e-4) throw new Error(`the worked values of Subtensor's tests are missed by ${worked}`);
  const seen = `${SUBNETS} random subnets; ${scenarios.length} scenarios of Subtensor's tests within ${worked.toExponential(1)}, written to 4 digits`;
  return figure('yuma-error', worst, 'of 1', { floor: 1e-4, goal: 1e-9, seen });
}

function randomSubnet(random: Seeded): Subnet {
  const n = 2 + random.below(40);
  const some = (share: number) => random.real() < share;
  const row = (share: number) => Array.from({ length: n }, () => (some(share) ? random.real() : 0));
  const each = <T>(of: () => T): T[] => Array.from({ length: n }, of);
  return {
    n,
    block: 10_000,
    lastEpochBlock: 9_900,
    stake: each(() => (some(0.6) ? random.real() ** 3 : 0)),
    lastUpdate: each(() => random.below(10_000)),
    registeredAt: each(() => (some(0.1) ? 9_900 + random.below(100) : random.below(9_000))),
    permits: each(() => some(0.6)),
    owner: some(0.5) ? random.below(n) : null,
    weights: each(() => row(0.5)),
    bonds: each(() => row(0.5)),
    cutoff: 5_000,
    kappa: some(0.8) ? 32_767 / 65_535 : random.real(),
    penalty: some(0.5) ? 1 : random.real(),
    alpha: some(0.5) ? 0.1 : random.real(),
    liquid: some(0.3) ? LIQUID : null,
    yuma: some(0.7) ? 3 : 2,
  };
}

const inputOf = (subnet: Subnet): EpochInput => ({
  ...subnet,
  committedAt: subnet.stake.map(() => null),
  ownerUid: subnet.owner,
  // All stay validators, so that no bond is hidden from the comparison.
  maxValidators: subnet.n,
  stake: subnet.stake,
  activityCutoff: subnet.cutoff,
  bondsPenalty: subnet.penalty,
  bondsAlpha: subnet.alpha,
  liquidAlpha: subnet.liquid,
});

function apart(subnet: Subnet): number {
  const [ours, theirs] = [runEpoch(inputOf(subnet)), reference(subnet)];
  // A bond whose holder loses its permit is dropped, by rule and not by arithmetic.
  const kept = theirs.bonds.map((row, i) => (ours.permits[i] ? row : row.map(() => 0)));
  return Math.max(
    farthest(ours.consensus, theirs.consensus),
    farthest(ours.validatorTrust, theirs.trust),
    farthest(ours.incentive, theirs.incentive),
    farthest(ours.dividends, theirs.dividends),
    ...kept.map((row, i) => farthest(ours.bonds[i] ?? [], row)),
  );
}

/** @throws {Error} for vectors of other lengths or with what is no number: nothing was compared then */
function farthest(ours: readonly number[], theirs: readonly number[]): number {
  const distances = ours.map((value, i) => Math.abs(value - (theirs[i] ?? Number.NaN)));
  const most = Math.max(0, ...distances);
  if (ours.length !== theirs.length || Number.isNaN(most)) throw new Error('vectors that cannot be compared');
  return most;
}

const VALIDATORS = 3;

/** The farthest that dividends and bonds lie from the written ones over a scenario's epochs. */
export function workedError(scenario: Scenario): number {
  const miners = scenario.votes[0]?.[0]?.length ?? 0;
  const n = VALIDATORS + miners;
  const none = new Array<number>(n).fill(0);
  let bonds: readonly (readonly number[])[] = none.map(() => none);
  let worst = 0;
  for (const [epoch, votes] of scenario.votes.entries()) {
    const outcome = runEpoch({
      block: 100 + epoch,
      lastEpochBlock: 99 + epoch,
      stake: [...scenario.stake, ...new Array<number>(miners).fill(0)],
      lastUpdate: none.map(() => 100 + epoch),
      committedAt: none.map(() => null),
      registeredAt: none,
      permits: none.map((_zero, uid) => uid < VALIDATORS),
      ownerUid: null,
      weights: none.map((_zero, uid) => (votes[uid] ? [0, 0, 0, ...votes[uid]] : none)),
      bonds,
      maxValidators: VALIDATORS,
      activityCutoff: 5_000,
      kappa: 32_767 / 65_535,
      bondsPenalty: 0,
      bondsAlpha: 0.025,
      yuma: 3,
      liquidAlpha: scenario.isLiquid ? LIQUID : null,
    });
    bonds = outcome.bonds;
    const held = outcome.bonds.slice(0, VALIDATORS).map((row) => row.slice(VALIDATORS));
    worst = Math.max(
      worst,
      farthest(outcome.dividends.slice(0, VALIDATORS), scenario.dividends[epoch] ?? []),
      ...held.map((row, i) => farthest(row, scenario.bonds[epoch]?.[i] ?? [])),
    );
  }
  return worst;
}
