import {
  isSound,
  type ModelDownload,
  type ModelWriting,
  usualSampling,
} from '../../src-shared/contract/page/models.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import type { ModelsAct, ModelsOptions as Said } from '../commands/models.ts';
import { defaultDataDir } from '../data-folder.ts';
import type { Models, ModelsOptions } from '../models/models.ts';
import { withModelsAlone } from '../models-alone.ts';
import { checkLines, modelLine, modelsLines } from './model-lines.ts';
import { wantsLog } from './tell.ts';
import { print, printError } from './terminal.ts';

/** What each act takes beside its word. */
const OPTIONS = { store: 'download', begin: 'try', into: 'export', json: 'list' } as const;

/** Looks at, fetches, checks and tries published models of a data folder on which nothing else runs. @returns the exit code */
export async function modelsAtTerminal(said: Said, signal: AbortSignal): Promise<number> {
  const act = said.act ?? 'list';
  demandMeaning(said, act);
  const heard: Heard = { writing: () => undefined };
  const tellProgress = progressTeller();
  const use = {
    log: (line: string) => void (wantsLog() && printError(line)),
    told: ({ code }: CodedError) => printError(code),
    shown({ modelDownloads, modelWriting }: Parameters<ModelsOptions['shown']>[0]) {
      if (modelDownloads) tellProgress(modelDownloads);
      if (modelWriting) heard.writing(modelWriting);
    },
    signal,
  };
  return withModelsAlone(said.dataDir ?? defaultDataDir(), use, (models) =>
    perform(act, said, { models, heard, signal }),
  );
}

interface Heard {
  /** Called with each text as it comes. */
  writing(writing: ModelWriting): void;
}

/** Nothing said is ignored. @throws {AppError} OPTION_NEEDS, OPTION_MISSING */
function demandMeaning(said: Said, act: ModelsAct): void {
  for (const [key, needed] of Object.entries(OPTIONS) as [keyof typeof OPTIONS, ModelsAct][])
    if (said[key] && act !== needed) throw new AppError('OPTION_NEEDS', { option: `--${key}`, needed });
  const missing = (option: string) => new AppError('OPTION_MISSING', { command: `models ${act}`, option });
  if (act === 'list' && said.what !== null)
    throw new AppError('OPTION_NEEDS', { option: said.what, needed: 'add' });
  if (act !== 'list' && said.what === null)
    throw missing(act === 'download' ? 'TAG' : act === 'add' || act === 'remove' ? 'ADDRESS' : 'ID');
  if (act === 'try' && said.begin === null) throw missing('--begin');
  if (act === 'export' && said.into === null) throw missing('--into');
}

interface Ground {
  readonly models: Models;
  readonly heard: Heard;
  readonly signal: AbortSignal;
}

async function perform(act: ModelsAct, said: Said, { models, heard, signal }: Ground): Promise<number> {
  const what = said.what ?? '';
  switch (act) {
    case 'list':
      await models.look('again');
      if (said.json) print(JSON.stringify({ ...models.view, downloads: models.downloads }, null, 2));
      else for (const line of modelsLines(models.view, models.downloads, Date.now())) print(line);
      return exitCodes.done;
    case 'add':
      await models.add(what);
      await models.look('once');
      for (const line of modelsLines(models.view, [], Date.now())) print(line);
      return exitCodes.done;
    case 'remove':
      await models.removeAddress(what);
      print('It is not looked at any more.');
      return exitCodes.done;
    case 'download':
      return ended(models, await download(models, what, said.store), signal);
    case 'check': {
      const { id } = find(models, what);
      models.check(id);
      return ended(models, id, signal);
    }
    case 'try':
      return tryModel(models, heard, find(models, what).id, said);
    case 'export': {
      const { id } = find(models, what);
      models.exportTo(id, said.into ?? '');
      await models.idle();
      demandDone(find(models, id));
      print(
        `It lies in ${said.into}. In Python: GPT2LMHeadModel.from_pretrained(${JSON.stringify(said.into)})`,
      );
      return exitCodes.done;
    }
    case 'delete':
      await models.delete(find(models, what).id);
      print('It is deleted.');
      return exitCodes.done;
  }
}

/** @param tag of the newest state too, by its word @returns the id of the download @throws {AppError} MODEL_NOT_LISTED */
async function download(models: Models, tag: string, store: string | null): Promise<string> {
  const only = store === null ? null : await models.add(store);
  await models.look('again');
  const sources = models.view.sources.filter(({ id }) => only === null || id === only);
  for (const { id, states, problem } of sources) {
    const state = tag === 'newest' ? states[0] : states.find((one) => one.tag === tag);
    if (state) return models.download(id, state.tag);
    if (only !== null && problem) throw new AppError(problem.code, problem.params);
  }
  throw new AppError('MODEL_NOT_LISTED', { tag });
}

/** By its id, or by the beginning of one alone. @throws {AppError} MODEL_UNKNOWN */
function find({ downloads }: Models, typed: string): ModelDownload {
  const [found, second] = downloads.filter(({ id }) => id.startsWith(typed));
  if (!found || (second && found.id !== typed)) throw new AppError('MODEL_UNKNOWN');
  return found;
}

/** Waits for what is under way with a download, and says what was found. */
async function ended(models: Models, id: string, signal: AbortSignal): Promise<number> {
  await models.idle();
  signal.throwIfAborted();
  const done = find(models, id);
  demandDone(done);
  print(modelLine(done));
  for (const line of checkLines(done)) print(line);
  return done.check && isSound(done.check) ? exitCodes.done : exitCodes.failed;
}

/** @throws {AppError} why it broke off */
function demandDone({ phase }: ModelDownload): void {
  const problem = 'problem' in phase ? phase.problem : null;
  if (problem) throw new AppError(problem.code, problem.params);
}

async function tryModel(models: Models, heard: Heard, id: string, said: Said): Promise<number> {
  const text = said.begin ?? '';
  let shown = '';
  let last: ModelWriting | null = null;
  heard.writing = (writing) => {
    last = writing;
    if (writing.phase === 'loading') return;
    if (shown === '') process.stdout.write(text);
    // What was shown is only ever gone on with: a character that was not whole yet is not there yet.
    if (writing.written.startsWith(shown)) process.stdout.write(writing.written.slice(shown.length));
    shown = writing.written;
  };
  const temperature = said.temperature ?? usualSampling.temperature;
  const topK = said.topK ?? usualSampling.topK;
  const seed = said.seed ?? usualSampling.seed;
  models.write(id, { text, temperature, topK, seed });
  await models.idle();
  print('');
  const problem = (last as ModelWriting | null)?.problem ?? null;
  if (problem) throw new AppError(problem.code, problem.params);
  return exitCodes.done;
}

/** How far a download is, on a terminal alone, each percent once. */
function progressTeller(): (downloads: readonly ModelDownload[]) => void {
  let shown = -1;
  return (downloads) => {
    const coming = downloads.find(({ phase }) => phase.kind === 'coming');
    if (coming?.phase.kind !== 'coming' || !process.stderr.isTTY) return;
    const percent = Math.floor((100 * coming.phase.doneBytes) / Math.max(1, coming.state.sizeBytes));
    if (percent === shown) return;
    shown = percent;
    process.stderr.write(percent < 100 ? `\r${percent} %` : '\r\x1b[K');
  };
}
