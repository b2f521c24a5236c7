import { CHROMIUM_MISSING, findChromium } from '../tools/build/chromium.ts';
import { cpuVsTfjsWasm } from './engine/cpu-peers.ts';
import { firstLine } from './practice/first-line.ts';
import { headlessRun } from './practice/headless-run.ts';
import { killRecovers } from './practice/kill-recovers.ts';
import { agreedRounds, ownNetwork } from './practice/own-network.ts';
import { troubleFigures } from './practice/trouble-figures.ts';
import { usablePage } from './practice/usable-page.ts';
import { type BenchReport, describeMachine, type Figure, figure, unmeasured } from './report/figures.ts';
import { checkNames, type Measures, measureEach } from './report/measure.ts';

const ROUNDS = 20;
const MIB = 1024 * 1024;

/** What one practice of its own measures together, by the names that `--only` knows. */
const together = [
  'first-commit-s',
  'first-scores-s',
  'first-earnings-s',
  'rounds-committed',
  'held-out-gain',
  'host-delay-p99-ms',
  'practice-exit-code',
  'processes-left',
];

const alone: Measures = {
  'kill-recovers': killFigure,
  'own-network': ownNetworkFigure,
  'first-line-s': lineFigure,
  'usable-page-s': pageFigure,
  'cpu-vs-tfjs-wasm': cpuVsTfjsWasm,
  ...troubleFigures,
};

/**
 * The whole product on this machine: practice as users start it, what happens to it, the page, the engine.
 * @param only names of the figures wanted; null for all
 * @throws {Error} for a name that is no figure
 */
export async function bench(only: readonly string[] | null = null): Promise<BenchReport> {
  checkNames(only, [...together, ...Object.keys(alone)]);
  const isTogether = together.some((name) => only === null || only.includes(name));
  const figures = isTogether ? await practiceFigures() : [];
  return { machine: describeMachine(), figures: [...figures, ...(await measureEach(alone, only))] };
}

async function practiceFigures(): Promise<Figure[]> {
  const { report, exitCode } = await headlessRun(ROUNDS);
  const { firstCommitMs, firstScoresMs, firstEarningsMs } = report.timings;
  const held = report.heldOutLoss.at(-1)?.value;
  const committed = report.rounds.filter((round) => round.committed).length;
  return [
    seconds('first-commit-s', firstCommitMs, { floor: 45, goal: 20 }),
    seconds('first-scores-s', firstScoresMs, { floor: 60 }),
    seconds('first-earnings-s', firstEarningsMs, { floor: 90 }),
    figure('rounds-committed', committed, `of ${ROUNDS}`, { floor: 19, goal: 20 }),
    held === undefined
      ? unmeasured('held-out-gain', 'nats', 'no held-out loss was measured', { floor: 0.5, goal: 0.8 })
      : figure('held-out-gain', report.unigramEntropy - held, 'nats', { floor: 0.5, goal: 0.8 }),
    figure('host-delay-p99-ms', report.hostDelayP99Ms, 'ms', { floor: 10 }),
    figure('practice-exit-code', exitCode ?? -1, '', { floor: 0 }),
    figure('processes-left', report.processesLeft, '', { floor: 0 }),
    ...report.memory.map(({ process, rssBytes }) =>
      figure(`rss ${process}`, Math.round(rssBytes / MIB), 'MiB'),
    ),
  ];
}

const seconds = (name: string, ms: number | null, held: { floor: number; goal?: number }): Figure =>
  ms === null
    ? unmeasured(name, 's', 'it did not happen in this run', held)
    : figure(name, ms / 1000, 's', held);

async function killFigure(): Promise<Figure> {
  const { roundCommitted, caughtUp } = await killRecovers();
  return figure('kill-recovers', roundCommitted && caughtUp ? 1 : 0, '', { floor: 1 });
}

/** 5 of 5 rounds with one digest and all miners paid, or not. */
async function ownNetworkFigure(): Promise<Figure> {
  const rounds = 5;
  const outcome = await ownNetwork(rounds);
  const agreed = agreedRounds(outcome);
  const isPaid = outcome.paidAlphaRao.every((alpha) => alpha > 0n);
  const seen = `${agreed} of ${rounds} rounds agreed, ${isPaid ? 'all' : 'not all'} miners paid`;
  return figure('own-network', agreed === rounds && isPaid ? 1 : 0, '', { floor: 1, seen });
}

async function lineFigure(): Promise<Figure> {
  return figure('first-line-s', await firstLine(), 's', { floor: 2, goal: 1 });
}

async function pageFigure(): Promise<Figure> {
  const browser = findChromium();
  if (!browser) return unmeasured('usable-page-s', 's', CHROMIUM_MISSING);
  return figure('usable-page-s', await usablePage(browser), 's');
}
