import { writeFile } from 'node:fs/promises';
import { diskError } from '../../src-node/disk-error.ts';
import { nameInList } from '../../src-shared/cards/adapter.ts';
import type { Benchmark, ProfileSpeed } from '../../src-shared/contract/benchmark.ts';
import { MEMORY_USES, planBytes } from '../../src-shared/contract/memory-plan.ts';
import { type EngineChoice, onProcessor } from '../../src-shared/contract/train.ts';
import { AppError, describeError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { deviceOf, runBenchmark } from '../card/benchmark.ts';
import { benchmarkFile, withBenchmark } from '../card/benchmark-file.ts';
import { freeOnCard } from '../card/free-memory.ts';
import { type SurveyedCard, survey } from '../card/survey.ts';
import type { BenchmarkCommandOptions } from '../commands/benchmark.ts';
import { defaultDataDir, openDataFolder } from '../data-folder.ts';
import { openSensors } from '../host-machine.ts';
import { engineChosen } from '../runs/chosen.ts';
import { peekSettings } from '../settings/settings-file.ts';
import { tell, wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

/** Measures one device of this computer, and keeps what came of it. @returns the exit code */
export async function benchmarkAtTerminal(
  said: BenchmarkCommandOptions,
  signal: AbortSignal,
): Promise<number> {
  // Nobody trains in it meanwhile.
  const folder = await openDataFolder(said.dataDir ?? defaultDataDir());
  try {
    const log = (line: string) => void (wantsLog() && printError(line));
    const allowsSoftware = Boolean(process.env.VK_DRIVER_FILES);
    const { cards, problem } = await survey({ extraEnv: {}, allowsSoftware, log }, signal);
    if (problem) printError(describeError(problem).sentence);
    const { threads } = { ...engineChosen(await peekSettings(folder.path), folder.path) };
    for (const line of deviceLines(cards, threads)) print(line);
    const engine = deviceChosen(cards, threads, said.device);
    const file = benchmarkFile(folder.path, tell);
    const kept = (await file.read()) ?? [];
    const sensors = openSensors();
    const result = await runBenchmark(
      {
        ...{ dataDir: folder.path, engine, extraEnv: {}, log, sensors },
        freeBytes: (chosen, ending) => freeOnCard(sensors, chosen, ending),
        told: (profile, done, of) => print(`measuring ${profile} (${done + 1} of ${of})`),
      },
      signal,
    );
    await file.write(withBenchmark(kept, result));
    const before = kept.find(({ device }) => device === deviceOf(engine)) ?? null;
    for (const line of benchmarkLines(result, before)) print(line);
    if (said.json !== null) await writeJson(said.json, result);
    return 0;
  } finally {
    await folder.release();
  }
}

async function writeJson(path: string, result: Benchmark): Promise<void> {
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`).catch((thrown: unknown) => {
    throw diskError(thrown, path);
  });
}

/** The list that `--device` chooses from. */
export const deviceLines = (cards: readonly SurveyedCard[], threads: number): readonly string[] => [
  `0  processor, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
  ...cards.map((card, index) => {
    const { backend, problem } = card;
    const why = problem ? `  not used: ${describeError(problem).sentence}` : '';
    return `${index + 1}  ${nameInList(card)} (${backend})${why}`;
  }),
];

/**
 * @param wanted a place in the list; null: the first card that can be used, else the processor
 * @throws {AppError} DEVICE_UNKNOWN, or why that card is not used
 */
export function deviceChosen(
  cards: readonly SurveyedCard[],
  threads: number,
  wanted: number | null,
): EngineChoice {
  const at = wanted ?? cards.findIndex(({ problem }) => problem === null) + 1;
  if (at === 0) return onProcessor(threads);
  const card = cards[at - 1];
  if (!card) throw new AppError('DEVICE_UNKNOWN', { device: at, last: cards.length });
  if (card.problem) throw new AppError(card.problem.code, card.problem.params);
  return { ...onProcessor(threads), kind: 'gpu', device: card.key };
}

/** What was measured as a table, with what was measured of the same device before. */
export function benchmarkLines(result: Benchmark, before: Benchmark | null): readonly string[] {
  const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);
  const rows = result.profiles.map((one) => [one.profile, ...cellsOf(one, beforeOf(one, before))]);
  const head = ['model', 'tokens/s', 'steps a round', 'power', 'memory', before ? day(before.atMs) : ''];
  const columns = head.map((_, at) =>
    // A sentence in place of the figures makes no column wider.
    Math.max(...[head, ...rows].map((row) => (row.length > 2 || at === 0 ? (row[at]?.length ?? 0) : 0))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => cell.padEnd(columns[at]!))
      .join('  ')
      .trimEnd();
  return [
    `${result.engine}, Butterfly ${result.appVersion}, measured in ${Math.round(result.tookMs / 1000)} s`,
    ...[head, ...rows].map(line),
    ...(result.profiles.some(({ speed }) => speed?.how === 'reckoned')
      ? ['~ reckoned from one and two layers: the whole model takes longer than a benchmark.']
      : []),
    ...result.profiles.flatMap(planLine),
    'What that earns in alpha is not known beforehand: validators weigh it against what others train.',
    ...(before ? [`The last column is of ${day(before.atMs)}, Butterfly ${before.appVersion}.`] : []),
  ];
}

/** Where the memory of a model goes, for one that the device holds and whose engine counts it. */
function planLine({ profile, speed }: ProfileSpeed): readonly string[] {
  if (!speed?.plan) return [];
  const { bytes, passSequences, waitingBytes } = speed.plan;
  const parts = MEMORY_USES.filter((use) => bytes[use] > 0).map((use) => `${use} ${bytesText(bytes[use])}`);
  const sequences = passSequences === 1 ? '1 sequence' : `${passSequences} sequences`;
  const waiting =
    waitingBytes > 0 ? `; ${bytesText(waitingBytes)} wait in the computer's memory at times` : '';
  return [`${profile} holds ${parts.join(', ')}, ${sequences} at a time${waiting}.`];
}

const beforeOf = ({ profile }: ProfileSpeed, before: Benchmark | null): ProfileSpeed['speed'] =>
  before?.profiles.find((one) => one.profile === profile)?.speed ?? null;

/** A sentence where it has none of the figures. */
function cellsOf(one: ProfileSpeed, before: ProfileSpeed['speed']): readonly string[] {
  const { speed, watts, stepsARound, mostSteps, problem } = one;
  if (!speed) return [problem ? describeError(toCodedError(problem)).sentence : 'not measured'];
  const rate = (of: NonNullable<ProfileSpeed['speed']>) =>
    `${of.how === 'reckoned' ? '~ ' : ''}${of.tokensPerSecond.toLocaleString('en', { maximumFractionDigits: 0 })}`;
  return [
    rate(speed),
    `${stepsARound} of ${mostSteps}`,
    watts === null ? 'not known' : `${Math.round(watts)} W`,
    speed.plan ? bytesText(planBytes(speed.plan)) : 'not counted',
    before ? rate(before) : '',
  ];
}

const bytesText = (bytes: number): string =>
  bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
