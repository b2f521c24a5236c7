import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { replaceFile } from '../../src-node/durable.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { DECISIONS_KEPT, FIELD_BYTES_MAX } from './limits.ts';

/** What was last sent as the whole commitment of a hotkey, and which records were ever decided for. */
export interface SentCommitment {
  readonly identity: string;
  readonly record: string | null;
  readonly lastBlock: number | null;
  /** False from before it is sent until its fate is known: after a crash exactly this is sent again, or nothing. */
  readonly settled: boolean;
  /** Newest last. A decision (say, the outcome of a round) names one record for ever. */
  readonly decisions: readonly { readonly name: string; readonly record: string }[];
}

const fieldHex = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{2})*$/), v.maxLength(2 * FIELD_BYTES_MAX));
const fileSchema = v.object({
  version: v.literal(1),
  identity: fieldHex,
  record: v.nullable(fieldHex),
  lastBlock: v.nullable(v.pipe(v.number(), v.safeInteger())),
  settled: v.boolean(),
  decisions: v.pipe(
    v.array(v.object({ name: v.pipe(v.string(), v.maxLength(128)), record: fieldHex })),
    v.maxLength(DECISIONS_KEPT),
  ),
});

/** @throws {AppError} COMMITMENT_FILE_CORRUPT: guessing what a witness has said could make it say two things. */
export async function readSent(path: string): Promise<SentCommitment | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return v.parse(fileSchema, JSON.parse(text));
  } catch {
    throw new AppError('COMMITMENT_FILE_CORRUPT', { path });
  }
}

/** On disk and synced, under its final name, when this resolves. */
export async function writeSent(path: string, sent: SentCommitment): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replaceFile(
    path,
    `${JSON.stringify({ version: 1, ...sent })}
`,
  );
}
