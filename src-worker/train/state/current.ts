import * as v from 'valibot';
import { checkedText, checkedValue } from '../../../src-node/durable-json.ts';
import { codecSchema } from '../../../src-shared/codec/table.ts';
import { count, digest, finite } from '../../../src-shared/contract/fields.ts';
import { CURRENT_MAX_BYTES } from '../limits.ts';
import type { Disk } from './disk.ts';
import { readSmall } from './files.ts';
import { FILE_NAME, type StateFolder } from './layout.ts';

const fileName = v.pipe(v.string(), v.regex(FILE_NAME));
/** -1 stands for "before the first round". */
const roundOrNone = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));

const pendingSchema = v.object({
  round: count,
  codec: codecSchema,
  /** The local snapshot that the contribution was made from; null for one who stands on the base itself. */
  frozen: v.nullable(fileName),
  root: digest,
  norm: finite,
  steps: count,
  sequences: count,
  workDigest: digest,
});

/** A committed base and its file. */
const standingSchema = v.object({ round: roundOrNone, id: digest, baseDigest: digest, state: fileName });

/** What CURRENT says. The files it names are durable before it is. */
export const currentSchema = v.object({
  format: v.literal(1),
  profileHash: digest,
  hotkey: v.string(),
  parameters: count,
  serial: count,
  standing: standingSchema,
  /** The base before it, for first steps that are checked there, and while the local replica counts from it; else null. */
  formerly: v.optional(v.nullable(standingSchema), null),
  /** The last round whose outcome was applied, whatever it was. */
  settledRound: roundOrNone,
  /** Median norm of the last roster known; null before the first. */
  medianNorm: v.nullable(finite),
  residue: v.nullable(fileName),
  /** The contribution whose outcome is not known yet. */
  pending: v.nullable(pendingSchema),
  local: v.nullable(fileName),
  /**
   * Stands from a commit to the next snapshot: `local` was taken on this base. The local replica is the standing base
   * and what `local` learned since `from` (a snapshot on the same base), or since that base itself where it is null.
   */
  rebase: v.optional(v.nullable(v.object({ baseId: digest, from: v.nullable(fileName) })), null),
  /** The snapshot before `local` on the same base; what a torn one falls back to where no contribution is pending. */
  previous: v.nullable(fileName),
});

export type Current = v.InferOutput<typeof currentSchema>;
export type Rebase = NonNullable<Current['rebase']>;
export type Pending = v.InferOutput<typeof pendingSchema>;

/** null where there is none. One that cannot be read is set aside and told; its copy stands in for it. */
export async function readCurrent(disk: Disk, folder: StateFolder): Promise<Current | null> {
  const current = await readOrSetAside(disk, folder.current);
  const copy = await readOrSetAside(disk, folder.currentCopy);
  // A crash may have come between the two, and a damaged one has just been moved away.
  if (current && copy?.serial !== current.serial) await writeCopy(disk, folder, current);
  if (copy && !current) await disk.write(folder.current, [checkedBytes(copy)], { seal: false });
  return current ?? copy;
}

/** What stands, for one who only looks: nothing is moved or mended, and whoever works there is not disturbed. */
export const peekCurrent = async (folder: StateFolder): Promise<Current | null> =>
  (await parsedAt(folder.current)) ?? (await parsedAt(folder.currentCopy));

async function readOrSetAside(disk: Disk, path: string): Promise<Current | null> {
  const parsed = await parsedAt(path);
  if (!parsed) await disk.setAside(path);
  return parsed;
}

async function parsedAt(path: string): Promise<Current | null> {
  const checked = checkedValue((await readSmall(path, CURRENT_MAX_BYTES)) ?? '');
  const parsed = v.safeParse(currentSchema, checked?.value);
  return parsed.success ? parsed.output : null;
}

/** Once it resolves, this is what stands. */
export async function writeCurrent(disk: Disk, folder: StateFolder, current: Current): Promise<void> {
  await disk.write(folder.current, [checkedBytes(current)], { seal: false });
  await writeCopy(disk, folder, current);
}

/** No copy is better than one of a past that is gone; CURRENT itself stands already, so this never fails. */
async function writeCopy(disk: Disk, folder: StateFolder, current: Current): Promise<void> {
  try {
    await disk.write(folder.currentCopy, [checkedBytes(current)], { seal: false });
  } catch (thrown) {
    console.error('CURRENT has no copy', thrown);
    await disk.remove(folder.currentCopy).catch(() => {});
  }
}

/** With a checksum: one flipped bit in a number would be believed otherwise. */
export const checkedBytes = (value: unknown): Uint8Array => new TextEncoder().encode(checkedText(value));

export const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** undefined for what is not JSON; the schema that follows refuses it. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The files that CURRENT needs. */
export const namedFiles = (current: Current): readonly string[] =>
  [
    current.standing.state,
    current.formerly?.state ?? null,
    current.residue,
    current.pending?.frozen ?? null,
    current.local,
    current.rebase?.from ?? null,
    current.previous,
  ].filter((name) => name !== null);
