import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildKernels } from '../tools/tasks/build-kernels.ts';
import { type FinalName, finalArms } from './learning/arms.ts';
import { curvesAsSvg } from './learning/curves-svg.ts';
import type { Learned } from './learning/learned.ts';
import { sideBySide } from './learning/side-by-side.ts';
import { type Bench, describeMachine, type Figure, figure } from './report/figures.ts';
import { checkNames } from './report/measure.ts';

const SEEDS = [0, 1];
/** Of all peers: the most that both seeds can see without a window twice is three times as many. */
const TOKENS = 1_048_576;

const held: Readonly<
  Record<string, { readonly arm: FinalName; readonly floor: number; readonly goal: number }>
> = {
  'diloco-vs-sync': { arm: 'int8', floor: 1.05, goal: 1.02 },
  'churn-vs-sync': { arm: 'absent', floor: 1.07, goal: 1.03 },
  'fourbit-vs-sync': { arm: 'fourBit', floor: 1.06, goal: 1.03 },
  'sparse-vs-sync': { arm: 'sparse', floor: 1.12, goal: 1.05 },
};
const BYTES = 'bytes-vs-sync';

/** Where the last whole run's curves lie. */
const DOCS = join(import.meta.dirname, '..', 'docs');

/**
 * What averaging costs in learning: four peers that average every 32 steps against one optimiser over the summed batch,
 * on the same tokens in the same order from the same weights, with settings chosen in nine tries and in ten
 * (docs/decisions/0090).
 */
export const bench: Bench = async (only) => {
  checkNames(only, [...Object.keys(held), BYTES]);
  await buildKernels();
  const wanted = Object.entries(held).filter(([name]) => !only || only.includes(name));
  const isOfBytes = !only || only.includes(BYTES);
  const names = new Set<FinalName>([
    'synchronous',
    ...wanted.map(([, { arm }]) => arm),
    ...(isOfBytes ? ['int8' as const] : []),
  ]);
  const runs = await runsOf([...names]);
  const figures: Figure[] = wanted.map(([name, { arm, ...terms }]) =>
    figure(name, mean(runs.get(arm)!, lossOf) / mean(runs.get('synchronous')!, lossOf), 'of the loss', {
      ...terms,
      seen: `${listed(runs.get(arm)!)} over ${listed(runs.get('synchronous')!)} nats, seeds ${SEEDS.join(' and ')}`,
    }),
  );
  if (isOfBytes) figures.push(bytesFigure(runs));
  if (!only) await drawn(runs);
  return { machine: describeMachine(), figures };
};

type Runs = ReadonlyMap<FinalName, readonly Learned[]>;

/** Every arm with every seed; the slow ones first, so that no core waits long at the end. */
async function runsOf(names: readonly FinalName[]): Promise<Runs> {
  const asked = SEEDS.flatMap((seed) =>
    names.map((name) => ({ name, arm: finalArms[name], seed, tokens: TOKENS, text: 'held-out' as const })),
  );
  const learned = await sideBySide(asked, (index, { loss, seconds }) =>
    console.error(
      `${asked[index]!.name}, seed ${asked[index]!.seed}: ${loss.toFixed(3)} after ${seconds.toFixed(0)} s`,
    ),
  );
  return new Map(names.map((name) => [name, learned.filter((_, i) => asked[i]!.name === name)]));
}

function bytesFigure(runs: Runs): Figure {
  const perToken = ({ sentBytes, tokens }: Learned) => sentBytes / (tokens / PEERS_TOKENS);
  const [own, sync] = [mean(runs.get('int8')!, perToken), mean(runs.get('synchronous')!, perToken)];
  const seen = `${own.toFixed(0)} over ${sync.toFixed(0)} bytes sent by a peer a token of its own`;
  return figure(BYTES, own / sync, 'of the bytes', { floor: 0.05, goal: 0.01, seen });
}

/** A peer sees a fourth of all tokens. */
const PEERS_TOKENS = 4;

async function drawn(runs: Runs): Promise<void> {
  const curves = [...runs].flatMap(([name, learned]) =>
    learned.map(({ curve, loss, tokens, sentBytes }, i) => ({
      name,
      seed: SEEDS[i]!,
      loss,
      tokens,
      sentBytes,
      curve,
    })),
  );
  await writeFile(join(DOCS, 'learning.json'), `${JSON.stringify({ tokens: TOKENS, curves }, null, 2)}\n`);
  const lines = curves
    .filter(({ seed }) => seed === SEEDS[0])
    .map(({ name, loss, curve }) => ({ label: finalArms[name].label, loss, points: curve }));
  await writeFile(join(DOCS, 'learning.svg'), curvesAsSvg(lines));
}

const lossOf = ({ loss }: Learned): number => loss;
const mean = (runs: readonly Learned[], of: (learned: Learned) => number): number =>
  runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
const listed = (runs: readonly Learned[]): string => runs.map(({ loss }) => loss.toFixed(3)).join(' ');
