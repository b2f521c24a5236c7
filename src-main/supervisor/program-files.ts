import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { orAbort, withLimit } from '../../src-node/waits.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { type PackedPlace, packedPlace } from '../entry-path.ts';
import { PROGRAM_CHECK_MS, PROGRAM_CHUNK_BYTES } from './limits.ts';

const NAME = /^(?!.*(?:^|\/)\.\.?(?:\/|$))[A-Za-z0-9@][A-Za-z0-9@._/+-]{0,255}$/;
/**
 * What lies outside of an installed app's archive, by its path below the resources folder. Where an installer's
 * signature is written into a file afterwards its sum is not known when the list is made: such a file has to be there,
 * and the operating system looks at its signature.
 */
const listSchema = v.strictObject({
  format: v.literal(1),
  files: v.record(
    v.pipe(v.string(), v.regex(NAME)),
    v.nullable(
      v.strictObject({
        bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
        sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      }),
    ),
  ),
});
type Packed = v.InferOutput<typeof listSchema>['files'][string];

/** The files that children are made of. */
export interface ProgramFiles {
  /**
   * Resolves once the entry is there and, in an installed app, everything is as it was packed.
   * @throws {AppError} PROGRAM_FILE_MISSING, PROGRAM_FILE_DAMAGED, PROGRAM_REPLACED, TIMEOUT, CANCELLED
   */
  demand(entry: string, signal: AbortSignal): Promise<void>;
}

/**
 * @param place null for a build that is not installed: its files change under a developer's hands, and are not summed
 * up. What was found whole is not looked at again until the next start; what was not is looked at anew each time,
 * because a person may have brought it back.
 */
export function programFiles(place: PackedPlace | null): ProgramFiles {
  /** The list beside the archive, as it was when everything was found whole. */
  let whole: Promise<string> | null = null;
  return {
    async demand(entry, signal) {
      await demandThere(entry);
      if (!place) return;
      whole ??= checkAll(place).catch((thrown: unknown) => {
        whole = null;
        throw thrown;
      });
      const before = await orAbort(whole, withLimit(signal, PROGRAM_CHECK_MS));
      if ((await listBeside(place)) !== before) throw new AppError('PROGRAM_REPLACED');
    },
  };
}

/**
 * Packages of a distribution are replaced under a program that runs. A child of the new version would not understand
 * the host of the old one, so none is started any more. Read whole: it is our own, and a few kilobytes long.
 */
const listBeside = async ({ resources }: PackedPlace): Promise<string> => {
  const path = join(resources, 'app.asar.unpacked', 'out', 'packed-files.json');
  return readFile(path, 'utf8').catch((thrown: unknown) => {
    throw new AppError('PROGRAM_FILE_MISSING', { path }, thrown);
  });
};

const own = programFiles(packedPlace());
export const demandProgram = (entry: string, signal: AbortSignal): Promise<void> => own.demand(entry, signal);

/** The same for who tells a failure rather than throws it. @throws when the signal aborts */
export async function whyNotWhole(entry: string, signal: AbortSignal): Promise<CodedError | null> {
  try {
    await demandProgram(entry, signal);
    return null;
  } catch (thrown) {
    signal.throwIfAborted();
    return toCodedError(thrown);
  }
}

async function demandThere(path: string): Promise<void> {
  await access(path).catch((thrown: unknown) => {
    throw new AppError('PROGRAM_FILE_MISSING', { path }, thrown);
  });
}

/** One file after the other, so that the disk is not asked for hundreds at once and the host answers in between. */
async function checkAll(place: PackedPlace): Promise<string> {
  const { resources, list } = place;
  const beside = await listBeside(place);
  // Read whole, because of an archive's files nothing else can be had; it is our own and a few kilobytes long.
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), listSchema), await readFile(list, 'utf8'));
  if (!parsed.success) throw new AppError('PROGRAM_FILE_DAMAGED', { path: list });
  for (const [name, packed] of Object.entries(parsed.output.files))
    await check(join(resources, name), packed);
  return beside;
}

async function check(path: string, packed: Packed): Promise<void> {
  await demandThere(path);
  if (!packed) return;
  const isWhole = (await stat(path)).size === packed.bytes && (await sumOf(path)) === packed.sha256;
  if (!isWhole) throw new AppError('PROGRAM_FILE_DAMAGED', { path });
}

async function sumOf(path: string): Promise<string> {
  const sum = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: PROGRAM_CHUNK_BYTES })) sum.update(chunk);
  return sum.digest('hex');
}
