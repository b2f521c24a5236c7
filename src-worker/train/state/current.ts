import * as v from 'valibot';
import { count, digest, finite } from '../../../src-shared/contract/fields.ts';
import { CURRENT_MAX_BYTES } from '../limits.ts';
import { type Disk, readSmall } from './disk.ts';
import { FILE_NAME, type StateFolder } from './layout.ts';

const fileName = v.pipe(v.string(), v.regex(FILE_NAME));
/** -1 stands for "before the first round". */
const roundOrNone = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));

const pendingSchema = v.object({
  round: count,
  codec: v.picklist(['fp16', 'f32']),
  /** The local snapshot that the contribution was made from; null for one who stands on the base itself. */
  frozen: v.nullable(fileName),
  root: digest,
  norm: finite,
  steps: count,
  sequences: count,
  workDigest: digest,
});

/** What CURRENT says. The files it names are durable before it is. */
export const currentSchema = v.object({
  format: v.literal(1),
  profileHash: digest,
  hotkey: v.string(),
  parameters: count,
  serial: count,
  standing: v.object({ round: roundOrNone, id: digest, baseDigest: digest, state: fileName }),
  /** The last round whose outcome was applied, whatever it was. */
  settledRound: roundOrNone,
  /** Median norm of the last roster known; null before the first. */
  medianNorm: v.nullable(finite),
  residue: v.nullable(fileName),
  /** The contribution whose outcome is not known yet. */
  pending: v.nullable(pendingSchema),
  local: v.nullable(fileName),
  /** The snapshot before `local` on the same base and after the same contribution; what a torn one falls back to. */
  previous: v.nullable(fileName),
});

export type Current = v.InferOutput<typeof currentSchema>;
export type Pending = v.InferOutput<typeof pendingSchema>;

/** null where there is none or it cannot be read: the folder then starts anew. */
export async function readCurrent(folder: StateFolder): Promise<Current | null> {
  const text = await readSmall(folder.current, CURRENT_MAX_BYTES);
  if (text === null) return null;
  const parsed = v.safeParse(currentSchema, parseJson(text));
  if (!parsed.success) console.error('CURRENT cannot be read');
  return parsed.success ? parsed.output : null;
}

export async function writeCurrent(disk: Disk, folder: StateFolder, current: Current): Promise<void> {
  await disk.write(folder.current, [jsonBytes(current)], { seal: false });
}

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
    current.residue,
    current.pending?.frozen ?? null,
    current.local,
    current.previous,
  ].filter((name) => name !== null);
