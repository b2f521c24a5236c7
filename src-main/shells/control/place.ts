import { lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { SOCKET_PATH_BYTES } from '../limits.ts';

const NAME = 'control.sock';

/**
 * Where the host that runs on a data folder is asked: a socket in the folder, or a pipe on Windows. A socket's path is
 * short by law of the system; a folder with a long one has it in a folder of this user under the system's own for
 * temporary files.
 */
export function controlPlace(dataDir: string): string {
  const folder = resolve(dataDir);
  const name = sha256Hex(folder).slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\butterfly-${name}`;
  const path = join(folder, NAME);
  return Buffer.byteLength(path) <= SOCKET_PATH_BYTES ? path : join(sharedFolder(), `${name}.sock`);
}

/** Makes sure that the place's folder is ours alone. @throws {AppError} DATA_DIR_UNWRITABLE */
export async function preparePlace(place: string): Promise<void> {
  const folder = dirname(place);
  if (folder !== sharedFolder()) return;
  await mkdir(folder, { mode: 0o700 }).catch(() => {});
  const { mode, uid } = await lstat(folder);
  // Somebody else may have made it first, to listen to what is asked there.
  const isOurs = (mode & 0o170_777) === 0o040_700 && uid === process.getuid?.();
  if (!isOurs) throw new AppError('DATA_DIR_UNWRITABLE', { path: folder });
}

const sharedFolder = (): string => join(tmpdir(), `butterfly-${process.getuid?.() ?? 'user'}`);
