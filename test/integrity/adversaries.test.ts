import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Adversary } from '../../src-shared/contract/adversary.ts';
import type { ScoreCard } from '../../src-shared/contract/page/runs.ts';
import { buildKernels } from '../../tools/tasks/build-kernels.ts';
import { type PlayedSwarm, type Seat, startSwarm } from './swarm.ts';

/** Whole hosts in one process: real training, exchanges, audits, scores and weights, on a chain sealed by hand. */

beforeAll(buildKernels);

const validator = (adversary: Adversary | null = null): Seat => ({ role: 'validator', adversary });
const miner = (adversary: Adversary | null = null): Seat => ({ role: 'miner', adversary });

async function playing(validators: readonly Seat[], miners: readonly Seat[], idle = 0): Promise<PlayedSwarm> {
  const swarm = await startSwarm({ validators, miners, idle });
  onTestFinished(() => swarm.stop());
  return swarm;
}

/** What the first validator says of all miners that cheat like this; null: of the honest. */
function cardsOf({ members }: PlayedSwarm, name: Adversary | null): readonly ScoreCard[] {
  const of = members.flatMap(({ part: { role, adversary, hotkey } }) =>
    role === 'miner' && adversary === name ? [hotkey] : [],
  );
  const all = members[0]!.judge!.scores!.all;
  return of.map((hotkey) => all.find((card) => card.hotkey === hotkey)!);
}

/** What it makes of the first of them: of each term its value and why. */
function verdictOn(swarm: PlayedSwarm, name: Adversary | null) {
  const card = cardsOf(swarm, name)[0]!;
  const terms = Object.entries(card.terms).map(([term, { value, why }]) => [term, [value, why.code]]);
  return { total: card.total, ...Object.fromEntries(terms) };
}

/** Rates are measured in played time, which is whole steps. */
const ROUNDING = 0.01;

const outcomesOf = (swarm: PlayedSwarm) =>
  swarm.members.map(({ rounds }) => rounds.history.map((one) => one.outcome));

it('made-up sketches and copied ones earn nothing, and a colluder among three validators pays nobody', async () => {
  const swarm = await playing(
    [validator(), validator(), validator('colluding-validator')],
    [miner(), miner(), miner(), miner('free-rider'), miner('copier')],
    1,
  );
  await swarm.play(2);
  expect(verdictOn(swarm, null)).toMatchObject({ gradient: [1, 'recomputed-agree'] });
  expect(verdictOn(swarm, 'free-rider')).toMatchObject({ total: 0, gradient: [0, 'recomputed-disagree'] });
  expect(verdictOn(swarm, 'copier')).toMatchObject({ total: 0, gradient: [0, 'work-impossible'] });
  const { members, chain, economy } = swarm;
  const idle = members.length;
  expect(chain.weights.get(members[2]!.part.hotkey)).toEqual([{ uid: idle, weight: 65_535 }]);
  const { length } = economy.epochs;
  expect(length).toBeGreaterThan(0);
  expect(economy.paid(idle, length)).toBe(0);
  expect(economy.paid(3, length)).toBeGreaterThan(0);
});

it('a false witness among three changes no outcome', async () => {
  const swarm = await playing(
    [validator(), validator(), validator('false-witness')],
    [miner(), miner(), miner()],
  );
  await swarm.play(2);
  const honest = swarm.members.filter(({ part }) => part.adversary === null);
  expect(honest.map(({ rounds }) => rounds.history.map(({ outcome }) => outcome))).toEqual(
    honest.map(() => ['committed', 'committed']),
  );
  expect(new Set(honest.map(({ rounds }) => rounds.standing.baseDigest)).size).toBe(1);
});

it('the lies of a reducer are proven before anybody votes for them', async () => {
  const swarm = await playing([validator()], [miner(), miner(), miner(), miner(), miner('lying-reducer')]);
  await swarm.play(2);
  expect(verdictOn(swarm, 'lying-reducer')).toMatchObject({ total: 0, honesty: [0, 'fraud-proven'] });
  expect(outcomesOf(swarm)).toEqual(swarm.members.map(() => ['void', 'committed']));
});

it('who does harm is left out of averages once it was looked at, and nobody else is', async () => {
  const swarm = await playing(
    [validator(), validator(), validator()],
    [miner(), miner(), miner(), miner(), miner(), miner(), miner('poisoner')],
  );
  await swarm.play(4);
  const [first, ...later] = swarm.members[0]!.rounds.history.map(({ members }) => members);
  expect(first).toBe(7);
  // A look at what the poisoner sent finds harm in two of three: one that does not lets it in for a round.
  expect(Math.min(...later)).toBe(6);
  expect(outcomesOf(swarm)).toEqual(swarm.members.map(() => Array(4).fill('committed')));
  expect(cardsOf(swarm, null).map(({ terms }) => terms.allReduce?.value)).toEqual(Array(6).fill(1));
});

it('who withholds its part, or sends what is no number, has nothing taken of it and voids no round', async () => {
  const swarm = await playing(
    [validator()],
    [miner(), miner(), miner(), miner(), miner('withholder'), miner('non-finite')],
  );
  await swarm.play(2);
  for (const name of ['withholder', 'non-finite'] as const)
    expect(verdictOn(swarm, name), name).toMatchObject({ allReduce: [0, 'chunks-missing'] });
  expect(outcomesOf(swarm)[0]).toEqual(['committed', 'committed']);
});

it('who is always too busy to be looked at has kept silent, and that counts from the third time on', async () => {
  const swarm = await playing([validator()], [miner(), miner(), miner(), miner('staller')]);
  await swarm.play(5);
  const honestyOf = (name: Adversary | null) => cardsOf(swarm, name).map(({ terms }) => terms.honesty?.why);
  expect(honestyOf('staller')).toEqual([{ code: 'state-silent', params: { helped: 0, count: 1 } }]);
  // Nobody else was kept from being looked at by it: in each of its three rounds all of them were.
  expect(honestyOf(null).map((why) => why?.params.count)).toEqual([3, 3, 3]);
});

it('a withholder and a decoy have no more of the pay beside each other than each among the honest', async () => {
  /** What each of them has over what an honest one has, which is how pay is shared out. */
  const sharesIn = async (...cheats: readonly (Adversary | null)[]) => {
    const swarm = await startSwarm({
      validators: [validator()],
      miners: [miner(), miner(), miner(), miner(), ...cheats.map(miner)],
    });
    try {
      await swarm.play(3);
      expect(outcomesOf(swarm)[0]).toEqual(['committed', 'committed', 'committed']);
      const honest = cardsOf(swarm, null).map(({ total }) => total ?? 0);
      const mean = honest.reduce((sum, one) => sum + one, 0) / honest.length;
      return cheats.map((name) => {
        const { total, ...terms } = verdictOn(swarm, name);
        return { ...terms, share: (total ?? 0) / mean };
      });
    } finally {
      await swarm.stop();
    }
  };
  const [withholder, decoy] = await sharesIn('withholder', 'decoy');
  const [withholderAlone] = await sharesIn('withholder', null);
  const [, decoyAlone] = await sharesIn(null, 'decoy');
  expect(withholder!.share).toBeLessThanOrEqual(withholderAlone!.share + ROUNDING);
  expect(decoy!.share).toBeLessThanOrEqual(decoyAlone!.share + ROUNDING);
  // Nothing of the one's work is taken, whoever stands beside it, and the other has no more of its own taken for that.
  expect(withholder).toMatchObject({ allReduce: [0, 'chunks-missing'], steps: [0, 'chunks-missing'] });
  expect(decoy).toMatchObject({ allReduce: decoyAlone!.allReduce, gradient: decoyAlone!.gradient });
});
