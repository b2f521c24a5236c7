import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { diskError, readError } from '../../../src-node/disk-error.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { ModelContract } from '../../../src-shared/contract/model.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { gpt2Tensors } from '../../../src-shared/model/gpt2-names.ts';
import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { PIECES_FILE, type StoredFile } from '../../../src-shared/published/manifest.ts';
import { partsIndex, stateStems, weightParts } from '../../../src-shared/published/weight-parts.ts';
import { StateDigest, stateSizeBytes } from '../../../src-shared/reduce/state-digest.ts';
import { spoolFiles, spoolFolder } from '../../../src-shared/spool.ts';
import { type Hex, hex } from '../../../src-shared/units.ts';
import { FILE_SLICE_BYTES } from '../limits.ts';
import { Disk } from '../state/disk.ts';
import { openFile, readExactly } from '../state/files.ts';
import { bytesOf } from '../state/vectors.ts';
import { windowsOver } from '../vector-source.ts';
import { flatFor, textFiles } from './model-folder.ts';
import { openWeights } from './read-weights.ts';
import { type OpenedState, withState } from './run-state.ts';
import { weightsFile } from './write-weights.ts';

/** A committed state as files for everybody, and back: float32 both ways, so that it is the same to the bit. */

type Exported = ResultOf<ModelContract, 'exportState'>;

/** @param bytesMax of one file of weights */
export async function exportState(
  { stateDir, profileHash, hotkey, consensus, into }: ParamsOf<ModelContract, 'exportState'>,
  {
    signal,
    seen,
    bytesMax,
  }: { readonly signal: AbortSignal; seen(done: number, all: number): void; readonly bytesMax?: number },
): Promise<Exported> {
  const { model: config, tokenizer, codec, name } = consensus;
  const elements = parameterCount(config);
  const run = { stateDir, profileHash, hotkey, elements, pieceBytes: codec.pieceBytes };
  return withState(run, async ({ round, baseDigest, ...state }) => {
    const disk = new Disk();
    const files: StoredFile[] = [];
    let done = 0;
    async function write(file: string, parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
      const summed = summing(parts, (bytes) => {
        done += bytes;
        seen(Math.min(done, 8 * elements), 8 * elements);
      });
      await disk.write(join(into, file), summed.parts, { seal: false, signal });
      files.push({ name: file, ...summed.result() });
    }
    const texts = await textFiles({ config, tokenizer }, signal);
    for (const [file, text] of Object.entries(texts)) await write(file, [new TextEncoder().encode(text)]);
    for (const key of ['base', 'momentum'] as const) {
      const stem = stateStems[key];
      const parts = weightParts(gpt2Tensors(config), stem, bytesMax);
      const metadata = { run: name, profile: profileHash, round: String(round), vector: key };
      for (const part of parts) await write(part.name, weightsFile(part.tensors, state[key], metadata));
      const index = partsIndex(parts, stem);
      if (index) await write(index.name, [new TextEncoder().encode(`${JSON.stringify(index.content)}\n`)]);
    }
    await write(PIECES_FILE, [await piecesOf(state, elements, codec.pieceBytes)]);
    return { round, baseDigest, files };
  }).catch((thrown: unknown) => {
    throw diskError(thrown, into);
  });
}

/** SHA-256 of each piece of base and momentum as they lie in the state, 32 bytes each. */
async function piecesOf(
  { base, momentum }: Pick<OpenedState, 'base' | 'momentum'>,
  elements: number,
  pieceBytes: number,
): Promise<Uint8Array> {
  const digest = new StateDigest(pieceBytes, sha256);
  for (const read of [base, momentum])
    for (const { offset, length } of windowsOver(elements))
      digest.update(bytesOf(await read(offset, length)));
  return Buffer.concat(digest.finish().leaves);
}

/** @throws {AppError} MODEL_STATE_MISSING where the spool has that round no more, or of the disk */
export async function exportUpdate(
  { spoolDir, round, into }: ParamsOf<ModelContract, 'exportUpdate'>,
  signal: AbortSignal,
): Promise<{ readonly files: StoredFile[] }> {
  const folder = join(spoolDir, spoolFolder(round));
  const files: StoredFile[] = [];
  // The manifest last, as it was written: a spool that is cleared meanwhile is found by what is missing.
  for (const name of [spoolFiles.average, spoolFiles.averageManifest]) {
    const summed = summing(slicesOf(join(folder, name)), () => undefined);
    await new Disk()
      .write(join(into, name), summed.parts, { seal: false, signal })
      .catch((thrown: unknown) => {
        if ((thrown as NodeJS.ErrnoException).code === 'ENOENT')
          throw new AppError('MODEL_STATE_MISSING', { path: folder });
        throw diskError(thrown, into);
      });
    files.push({ name, ...summed.result() });
  }
  return { files };
}

/** Opened when it is asked for: what is not there fails whoever reads, and nobody else. */
async function* slicesOf(path: string): AsyncGenerator<Uint8Array> {
  const { file, sizeBytes } = await openFile(path);
  try {
    for (let at = 0; at < sizeBytes; at += FILE_SLICE_BYTES)
      yield await readExactly(file, at, Math.min(FILE_SLICE_BYTES, sizeBytes - at));
  } finally {
    await file.close();
  }
}

/** Sums up what passes by. */
export function summing(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  seen: (bytes: number) => void,
) {
  const sum = createHash('sha256');
  let sizeBytes = 0;
  async function* parts() {
    for await (const part of source) {
      sum.update(part);
      sizeBytes += part.length;
      yield part;
      seen(part.length);
    }
  }
  return {
    parts: parts(),
    result: (): { sizeBytes: number; sha256: Hex } => ({ sizeBytes, sha256: hex(sum.digest('hex')) }),
  };
}

/**
 * Writes the state file of a published folder, piece by piece under the digest that the chain names: what comes to
 * another one is no state, and nothing of it stays. One vector is in memory at a time.
 * @throws {AppError} STORE_STATE_DAMAGED, MODEL_FILE_MALFORMED, MODEL_FILE_FOREIGN, MODEL_MEMORY, or of the disk
 */
export async function importState(
  { folder, consensus, baseDigest, into }: ParamsOf<ModelContract, 'importState'>,
  signal: AbortSignal,
  bytesMax?: number,
): Promise<{ readonly sizeBytes: number }> {
  const { model: config, codec } = consensus;
  const digest = new StateDigest(codec.pieceBytes, sha256);
  async function* parts() {
    yield* stateBytes(folder, config, digest, { signal, ...(bytesMax && { bytesMax }) });
    // Before the file has its name: a state that is wrong is never there.
    if (digest.finish().digest !== baseDigest)
      throw new AppError('STORE_STATE_DAMAGED', {
        name: 'The model',
        tag: baseDigest.slice(0, 8),
        what: 'it comes to another digest than the chain names',
      });
  }
  await new Disk().write(into, parts(), { seal: false, signal });
  return { sizeBytes: stateSizeBytes(parameterCount(config)) };
}

/**
 * What the weights and the momentum of a published folder come to, by the pieces of their run.
 * @throws {AppError} as `importState`
 */
export async function digestOfState(
  folder: string,
  { model, codec }: ParamsOf<ModelContract, 'importState'>['consensus'],
  signal: AbortSignal,
): Promise<Hex> {
  const digest = new StateDigest(codec.pieceBytes, sha256);
  for await (const bytes of stateBytes(folder, model, digest, { signal }))
    if (bytes.length > 0) await setImmediate();
  return digest.finish().digest;
}

interface Reading {
  readonly signal: AbortSignal;
  readonly bytesMax?: number;
}

/** The state file of a published folder as it comes, each part of it counted into the digest. */
async function* stateBytes(
  folder: string,
  config: ModelConfig,
  digest: StateDigest,
  reading: Reading,
): AsyncGenerator<Uint8Array> {
  for (const key of ['base', 'momentum'] as const) {
    const flat = await readVector(folder, stateStems[key], config, reading);
    for (const { offset, length } of windowsOver(flat.length)) {
      const bytes = bytesOf(flat.subarray(offset, offset + length));
      digest.update(bytes);
      yield bytes;
    }
  }
}

/**
 * A vector of a published folder, of one file or of its parts.
 * @param stem of `stateStems`
 * @throws {AppError} MODEL_FILE_MISSING, MODEL_FILE_MALFORMED, MODEL_FILE_FOREIGN, MODEL_MEMORY, or of the disk
 */
export async function readVector(
  folder: string,
  stem: string,
  config: ModelConfig,
  { signal, bytesMax }: Reading,
): Promise<Float32Array> {
  const flat = flatFor(config);
  for (const { name, tensors } of weightParts(gpt2Tensors(config), stem, bytesMax)) {
    const path = join(folder, name);
    const { file, sizeBytes } = await openFile(path).catch((thrown: NodeJS.ErrnoException) => {
      throw thrown.code === 'ENOENT'
        ? new AppError('MODEL_FILE_MISSING', { path: folder, name })
        : readError(thrown, path);
    });
    try {
      const weights = await openWeights(file, sizeBytes, tensors);
      for await (const window of weights.windows()) {
        signal.throwIfAborted();
        window.into(flat);
      }
    } finally {
      await file.close();
    }
  }
  return flat;
}
