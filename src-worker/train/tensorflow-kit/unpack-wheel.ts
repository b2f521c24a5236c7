import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { diskError } from '../../../src-node/disk-error.ts';
import { PACKAGE } from '../engine/tensorflow/load.ts';

/** The part of `yauzl` that is used; it lies in the engine's own folder, and refuses names that lead out of an archive. */
interface Yauzl {
  openPromise(path: string, options: { readonly autoClose: boolean }): Promise<Archive>;
}
interface Archive {
  eachEntry(): AsyncIterable<Entry>;
  openReadStreamPromise(entry: Entry): Promise<Readable>;
  close(): void;
}
interface Entry {
  readonly fileName: string;
}

/** TensorFlow's C library, in two files. */
const LIBRARIES = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
/** What the package's binding is compiled with. */
const INCLUDE = 'tensorflow/include/';
const HEADERS = ['tensorflow/c/', 'tensorflow/core/platform/', 'tsl/c/', 'tsl/platform/'];
/** Of the two libraries, for how far it is. */
const LIBRARY_BYTES = 613_776_168;

export interface Unpacking {
  /** The engine's folder. */
  readonly folder: string;
  readonly wheel: string;
  readonly include: string;
  told(share: number): void;
}

/** @throws {AppError} of the disk; what `yauzl` throws of an archive that is none */
export async function unpackWheel(
  { folder, wheel, include, told }: Unpacking,
  signal: AbortSignal,
): Promise<undefined> {
  const yauzl = createRequire(join(folder, 'package.json'))('yauzl') as Yauzl;
  const libraries = join(folder, 'node_modules', PACKAGE, 'deps', 'lib');
  let bytes = 0;
  let toldShare = 0;
  async function* counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      bytes += chunk.length;
      const share = Math.min(1, Math.floor((100 * bytes) / LIBRARY_BYTES) / 100);
      if (share > toldShare) told(share);
      toldShare = share;
      yield chunk;
    }
  }
  const archive = await yauzl.openPromise(wheel, { autoClose: false });
  try {
    for await (const entry of archive.eachEntry()) {
      const to = placeOf(entry.fileName, { libraries, include });
      if (to === null) continue;
      await mkdir(dirname(to), { recursive: true });
      const content = await archive.openReadStreamPromise(entry);
      await pipeline(content, counted, createWriteStream(to), { signal });
    }
  } catch (thrown) {
    throw diskError(thrown, folder);
  } finally {
    archive.close();
  }
}

function placeOf(
  name: string,
  { libraries, include }: { readonly libraries: string; readonly include: string },
): string | null {
  if (LIBRARIES.includes(name)) return join(libraries, basename(name));
  const header = name.startsWith(INCLUDE) ? name.slice(INCLUDE.length) : '';
  return HEADERS.some((folder) => header.startsWith(folder)) && header.endsWith('.h')
    ? join(include, header)
    : null;
}
