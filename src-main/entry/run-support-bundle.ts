import { createFile } from '../../src-node/durable.ts';
import { zipOf } from '../../src-node/zip.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { exitCodes } from '../commands/exit-codes.ts';
import type { SupportBundleOptions } from '../commands/support-bundle.ts';
import { defaultDataDir } from '../data-folder.ts';
import { ownRedactor } from '../logs/surroundings.ts';
import { peekSettings } from '../settings/settings-file.ts';
import { askStatus, askView } from '../shells/control/ask-host.ts';
import { type BundlePart, supportBundle } from '../support/bundle.ts';
import { print } from './terminal.ts';

/** Shows what a support bundle holds, and writes it where that is asked. @returns the exit code */
export async function supportBundleAtTerminal(
  said: SupportBundleOptions,
  signal: AbortSignal,
): Promise<number> {
  const dataDir = said.dataDir ?? defaultDataDir();
  const parts = await supportBundle({
    dataDir,
    settings: await peekSettings(dataDir),
    status: await askStatus(dataDir).catch(() => null),
    view: await askView(dataDir).catch(() => null),
    redact: ownRedactor(dataDir, said.addresses),
    signal,
  });
  if (said.show !== null) return showPart(parts, said.show);
  for (const { name, what, content } of parts)
    print(`${name.padEnd(14)} ${String(Buffer.byteLength(content)).padStart(9)} bytes  ${what}`);
  if (said.out === null) print('Read a part with --show PART; write all of it with --out FILE.');
  else await write(said.out, parts);
  return exitCodes.done;
}

function showPart(parts: readonly BundlePart[], name: string): number {
  const part = parts.find((one) => one.name === name);
  const known = parts.map((one) => one.name).join(' or ');
  if (!part) throw new AppError('OPTION_INVALID', { option: '--show', value: `“${name}”`, expected: known });
  print(part.content.trimEnd());
  return exitCodes.done;
}

async function write(path: string, parts: readonly BundlePart[]): Promise<void> {
  const isNew = await createFile(path, zipOf(parts)).catch((error: unknown) => {
    throw new AppError('BUNDLE_UNWRITABLE', { path }, error);
  });
  if (!isNew) throw new AppError('BUNDLE_UNWRITABLE', { path });
  print(`Written to ${path}. It was sent to nobody.`);
}
