import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Adversary } from '../../src-shared/contract/adversary.ts';
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

/** What the first validator makes of somebody: of each term its value and why. */
function verdictOn({ members }: PlayedSwarm, name: Adversary | null) {
  const { part } = members.find(({ part: { role, adversary } }) => role === 'miner' && adversary === name)!;
  const card = members[0]!.judge?.scores?.all.find(({ hotkey }) => hotkey === part.hotkey);
  const terms = Object.entries(card?.terms ?? {}).map(([term, { value, why }]) => [term, [value, why.code]]);
  return { total: card?.total, ...Object.fromEntries(terms) };
}

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
