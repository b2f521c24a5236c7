import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError, readError } from '../../../src-node/disk-error.ts';
import { publish } from '../../../src-node/durable.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { gpt2Tensors } from '../../../src-shared/model/gpt2-names.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { endOfTextOf, type TokenizerName } from '../pages/tokenizers.ts';
import { SAMPLING } from '../sample/sampling.ts';
import { Disk, type Parts } from '../state/disk.ts';
import { openFile, readSmall } from '../state/files.ts';
import { configJson, generationConfigJson, readConfig } from './config-file.ts';
import { CONFIG_BYTES_MAX } from './limits.ts';
import { openWeights, type WeightsFile } from './read-weights.ts';
import { tokenizerFiles } from './tokenizer-files.ts';
import { type FlatReader, weightsFile } from './write-weights.ts';

/** A model as a folder that `GPT2LMHeadModel.from_pretrained` takes. */

const WEIGHTS = 'model.safetensors';
const CONFIG = 'config.json';

export interface ModelToWrite {
  readonly config: ModelConfig;
  readonly tokenizer: TokenizerName;
  readonly read: FlatReader;
  /** Texts that go into the weights' file: which run, which round. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes the folder whole or not at all: under a name beside it first, all of it synced, then renamed.
 * @param seen bytes of weights written so far
 * @returns bytes of the weights' file
 * @throws {AppError} MODEL_FOLDER_TAKEN, or of the disk
 */
export async function writeModelFolder(
  into: string,
  model: ModelToWrite,
  { signal, seen }: { readonly signal: AbortSignal; seen(bytes: number): void },
): Promise<number> {
  await demandFree(into);
  const draft = `${into}.${randomBytes(6).toString('hex')}.new`;
  const disk = new Disk();
  try {
    await mkdir(draft, { recursive: true });
    const write = (name: string, parts: Parts) =>
      disk.write(join(draft, name), parts, { seal: false, signal });
    for (const [name, text] of Object.entries(await textFiles(model, signal)))
      await write(name, [new TextEncoder().encode(text)]);
    let bytes = 0;
    const count = (size: number) => {
      bytes += size;
      seen(bytes);
    };
    await write(WEIGHTS, counted(weightsFile(gpt2Tensors(model.config), model.read, model.metadata), count));
    // Windows renames over nothing, not even over an empty folder.
    await rmdir(into).catch(() => {});
    await publish(draft, into);
    return bytes;
  } catch (thrown) {
    throw diskError(thrown, into);
  } finally {
    await rm(draft, { recursive: true, force: true }).catch(() => {});
  }
}

/** What stands beside the weights, so that others know what they are and how text becomes tokens. */
export async function textFiles(
  { config, tokenizer }: Pick<ModelToWrite, 'config' | 'tokenizer'>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  const endOfText = endOfTextOf(tokenizer);
  return {
    [CONFIG]: pretty(configJson(config, endOfText)),
    'generation_config.json': pretty(generationConfigJson(endOfText, SAMPLING)),
    ...(await tokenizerFiles(tokenizer, config.context, signal)),
  };
}

/** @throws {AppError} MODEL_FOLDER_TAKEN, or of the disk */
export async function demandFree(path: string): Promise<void> {
  const names = await readdir(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return [];
    throw thrown.code === 'ENOTDIR' ? new AppError('MODEL_FOLDER_TAKEN', { path }) : readError(thrown, path);
  });
  if (names.length > 0) throw new AppError('MODEL_FOLDER_TAKEN', { path });
}

export async function* counted(
  parts: AsyncIterable<Uint8Array>,
  seen: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield part;
    seen(part.length);
  }
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** The folder that is meant where somebody names the weights in it. */
export const folderOf = (path: string): string => (path.endsWith('.safetensors') ? dirname(path) : path);

/**
 * Runs `use` on the model in a folder, its header checked. What is not told by the folder itself is not believed.
 * @throws {AppError} MODEL_FILE_MISSING, MODEL_FILE_MALFORMED, MODEL_FILE_FOREIGN, or of the disk
 */
export async function withModelFolder<T>(
  path: string,
  use: (config: ModelConfig, weights: WeightsFile) => Promise<T>,
): Promise<T> {
  const missing = (name: string) => new AppError('MODEL_FILE_MISSING', { path, name });
  const config = await configIn(path);
  const place = join(path, WEIGHTS);
  const { file, sizeBytes } = await openFile(place).catch((thrown: NodeJS.ErrnoException) => {
    throw thrown.code === 'ENOENT' ? missing(WEIGHTS) : readError(thrown, place);
  });
  try {
    const weights = await openWeights(file, sizeBytes, gpt2Tensors(config)).catch((thrown: unknown) => {
      throw readError(thrown, place);
    });
    return await use(config, weights);
  } finally {
    await file.close();
  }
}

/** The shape of the model in a folder. @throws {AppError} MODEL_FILE_MISSING, MODEL_FILE_FOREIGN, or of the disk */
export async function configIn(path: string): Promise<ModelConfig> {
  const text = await readSmall(join(path, CONFIG), CONFIG_BYTES_MAX).catch((thrown: unknown) => {
    throw readError(thrown, path);
  });
  if (text === null) throw new AppError('MODEL_FILE_MISSING', { path, name: CONFIG });
  return readConfig(parsed(text));
}

/** The whole flat vector, once in memory. @throws {AppError} MODEL_MEMORY, and what the windows throw */
export async function flatOf(
  config: ModelConfig,
  weights: WeightsFile,
  signal: AbortSignal,
): Promise<Float32Array> {
  const flat = flatFor(config);
  for await (const window of weights.windows()) {
    signal.throwIfAborted();
    window.into(flat);
  }
  return flat;
}

export function flatFor(config: ModelConfig): Float32Array {
  const elements = parameterCount(config);
  try {
    return new Float32Array(elements);
  } catch (thrown) {
    throw new AppError('MODEL_MEMORY', { neededMib: Math.ceil((4 * elements) / 2 ** 20) }, thrown);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('MODEL_FILE_FOREIGN', { reason: `${CONFIG} is no JSON` });
  }
}
