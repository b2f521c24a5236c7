import { join } from 'node:path';
import { isThere } from '../../src-node/is-there.ts';
import { within } from '../../src-node/waits.ts';
import type { ParamsOf, ResultOf } from '../../src-shared/contract/child.ts';
import type { ModelContract } from '../../src-shared/contract/model.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { oneLine } from '../../src-shared/one-line.ts';
import { runTagOf } from '../../src-shared/profile/profile.ts';
import { practiceModel } from '../../src-shared/profile/shipped.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import { helpOf } from '../commands/help.ts';
import type { ModelOptions } from '../commands/model.ts';
import { defaultDataDir, placesOf } from '../data-folder.ts';
import { practiceFolder } from '../host-plans.ts';
import { OWN_MINER } from '../practice/practice-keys.ts';
import { type KeptRun, keptRunsFile } from '../runs/kept-runs.ts';
import { stateDirOf } from '../runs/start-train.ts';
import { MODEL_CALL_LIMIT_MS } from './limits.ts';
import { withModelProcess } from './model-process.ts';
import { print, printError } from './terminal.ts';

/** Tokens that a text goes on for; a context may end before. */
const TOKENS = 100;

type Exported = ParamsOf<ModelContract, 'exportModel'>;

/** Exports the model of a run, or looks at one of anybody. @returns the exit code */
export async function modelAtTerminal(said: ModelOptions, signal: AbortSignal): Promise<number> {
  if (said.export === null && said.import === null) {
    printError(helpOf('model'));
    return exitCodes.misunderstood;
  }
  const found = said.export === null ? null : await findRun(said);
  const called = <T>(work: Promise<T>) =>
    within(work, 'the call of the model’s process', MODEL_CALL_LIMIT_MS, signal);
  await withModelProcess(signal, async (client) => {
    if (found && said.export !== null) {
      const asked = { ...found, which: said.which ?? 'base', into: said.export } as const;
      for (const line of exportLines(asked, await called(client.call('exportModel', asked, signal))))
        print(line);
    }
    if (said.import !== null) {
      const asked = { path: said.import, begin: said.begin, tokens: TOKENS, seed: said.seed ?? 0 };
      for (const line of inspectLines(said.begin, await called(client.call('inspectModel', asked, signal))))
        print(line);
    }
  });
  return 0;
}

/**
 * The run that was named, or the newest that has a model.
 * @throws {AppError} MODEL_NO_RUN
 */
async function findRun({ dataDir, run }: ModelOptions): Promise<Omit<Exported, 'which' | 'into'>> {
  const folder = dataDir ?? defaultDataDir();
  const kept = (await keptRunsFile(folder, () => undefined).peek()) ?? [];
  const wanted = kept.filter(({ id }) => run === null || id === run);
  for (const one of wanted.toSorted((a, b) => b.facts.startedAtMs - a.facts.startedAtMs))
    for (const stateDir of await stateDirsOf(folder, one))
      if (await isThere(stateDir))
        return { stateDir, hotkey: one.id, profileHash: one.facts.profileHash, consensus: consensusOf(one) };
  throw new AppError('MODEL_NO_RUN', { path: folder });
}

async function stateDirsOf(dataDir: string, { id, origin, facts }: KeptRun): Promise<readonly string[]> {
  if (origin.kind === 'practice') return [stateDirOf(join(practiceFolder(dataDir), OWN_MINER))];
  return (await placesOf(dataDir, { hotkey: id, runTag: runTagOf(facts.profileHash) })).map(stateDirOf);
}

/** Each practice has a chain of its own, and all of them one kind of model. */
const consensusOf = ({ origin }: KeptRun): Exported['consensus'] =>
  origin.kind === 'practice' ? practiceModel() : origin.profile.consensus;

function exportLines(
  { into, which, consensus }: Exported,
  { round, parameters, sizeBytes }: ResultOf<ModelContract, 'exportModel'>,
): readonly string[] {
  const after = round < 0 ? 'before the first round' : `after round ${round}`;
  const whose = which === 'base' ? 'as all agreed on it' : 'as yours makes of it';
  return [
    `The model of ${consensus.name}, ${after}, ${whose}: ${count(parameters)} parameters, ${mebibytes(sizeBytes)} MiB.`,
    `It lies in ${into}. In Python: GPT2LMHeadModel.from_pretrained(${JSON.stringify(into)})`,
  ];
}

function inspectLines(
  begin: string | null,
  { model, parameters, dtypes, tokenizer, heldOut, written }: ResultOf<ModelContract, 'inspectModel'>,
): readonly string[] {
  const { layers, width, heads, context, vocab } = model;
  const shape = `${layers} layers, ${width} channels, ${heads} heads, ${context} positions, ${count(vocab)} tokens`;
  const speaks = {
    gpt2: 'It speaks GPT-2’s tokens.',
    'practice-4096': 'It speaks the practice’s tokens.',
    unknown: 'Its tokenizer.json is missing or none that Butterfly knows, so it cannot be read from here.',
  }[tokenizer ?? 'unknown'];
  return [
    `A whole GPT-2: ${shape}; ${count(parameters)} parameters in ${dtypes.join(', ')}.`,
    speaks,
    ...(heldOut
      ? [
          `On text that no practice trains on: ${heldOut.loss.toFixed(4)} nats per token over ${count(heldOut.tokens)}.`,
        ]
      : []),
    ...(written === null ? [] : [`After “${begin}” it writes: ${oneLine(written)}`]),
  ];
}

const count = (value: number): string => value.toLocaleString('en');
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
