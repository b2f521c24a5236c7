import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { diskError } from '../../src-node/disk-error.ts';
import { renamePatiently, syncFolder } from '../../src-node/durable.ts';
import { durableJson } from '../../src-node/durable-json.ts';
import { isThere } from '../../src-node/is-there.ts';
import { address, digest } from '../../src-shared/contract/fields.ts';
import { parseIdentityField } from '../../src-shared/rounds/identity-field.ts';
import type { Hex } from '../../src-shared/units.ts';

/** What a joined run's past belongs to: another profile or another chain is another past of the same hotkey. */
export interface RunPlace {
  readonly hotkey: string;
  readonly runTag: Hex;
  readonly genesisHash: Hex;
}

/** So much of the genesis hash tells chains apart; Windows gives a path 260 characters in all. */
const GENESIS_CHARS = 8;

const folderOf = (dataDir: string, { hotkey, runTag, genesisHash }: RunPlace): string =>
  join(dataDir, 'runs', `${runTag}-${genesisHash.slice(0, GENESIS_CHARS)}`, hotkey);

/** Folder of a joined run, made where it is missing: model, spool, journals. @throws {AppError} of the disk */
export async function runFolder(dataDir: string, place: RunPlace): Promise<string> {
  const path = folderOf(dataDir, place);
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return path;
  } catch (thrown) {
    throw diskError(thrown, path);
  }
}

/** The folders that the run of a hotkey has, one for each chain that it was on. */
export async function placesOf(
  dataDir: string,
  { hotkey, runTag }: Pick<RunPlace, 'hotkey' | 'runTag'>,
): Promise<readonly string[]> {
  const runs = join(dataDir, 'runs');
  if (!(await isThere(runs))) return [];
  const names = (await readdir(runs)).filter((name) => name.startsWith(`${runTag}-`));
  return names.map((name) => join(runs, name, hotkey));
}

/**
 * Up to format 1 a hotkey had one folder for whatever it joined. It moves as a whole, with one renaming, to the run
 * that its own files name; one that does not say stays where it is, and is not used again.
 */
export async function moveRunFolders(dataDir: string): Promise<void> {
  for (const hotkey of await hotkeysIn(join(dataDir, 'runs'))) {
    const from = join(dataDir, 'runs', hotkey);
    const past = await pastOf(from);
    const to = past && folderOf(dataDir, { hotkey, ...past });
    if (!to || (await isThere(to))) continue;
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await renamePatiently(from, to);
    for (const folder of [dirname(to), dirname(from)]) await syncFolder(folder);
  }
}

const registrationSchema = v.object({ genesisHash: digest });
const commitmentSchema = v.object({ identity: v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/)) });

/** Whose past lies here: the chain on which the hotkey had its place, and the run that it last named there. */
async function pastOf(folder: string): Promise<Omit<RunPlace, 'hotkey'> | null> {
  const told = () => undefined;
  const at = (name: string) => join(folder, name);
  const registration = await durableJson({
    path: at('registration.json'),
    schema: registrationSchema,
    told,
  }).peek();
  const commitment = await durableJson({
    path: at('commitment.json'),
    schema: commitmentSchema,
    told,
    secondCopy: 'kept',
  }).peek();
  const identity = commitment && parseIdentityField(new Uint8Array(Buffer.from(commitment.identity, 'hex')));
  return registration && identity && { runTag: identity.tag, genesisHash: registration.genesisHash };
}

async function hotkeysIn(folder: string): Promise<readonly string[]> {
  if (!(await isThere(folder))) return [];
  return (await readdir(folder)).filter((name) => v.is(address, name));
}
