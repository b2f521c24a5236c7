import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { turns } from '../../src-node/turns.ts';
import { count, shortText } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';

const keptSchema = v.object({
  /** At random, told to nobody: it decides how early this installation is offered a release. */
  installationId: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  /** The largest number of a signed list that was seen. */
  serial: count,
  skipped: v.nullable(shortText),
  putOff: v.nullable(v.object({ version: shortText, untilMs: count })),
  /** The version that the last start was to end as. */
  installing: v.nullable(shortText),
});
export type Kept = Readonly<v.InferOutput<typeof keptSchema>>;

/** What of updates outlives a restart. */
export interface KeptUpdates {
  readonly value: Kept;
  /** Holds once it is on the disk. @throws {AppError} of the disk; what was known before holds then */
  note(change: Partial<Kept>): Promise<void>;
}

/** `updates.json` of the data folder. @throws {AppError} of the disk */
export async function openKept(dataDir: string, told: (error: CodedError) => void): Promise<KeptUpdates> {
  const path = join(dataDir, 'updates.json');
  // Without its serial an old list would pass once more, so it has a copy.
  const file = durableJson({ path, schema: keptSchema, told, secondCopy: 'kept' });
  const inTurn = turns();
  let value: Kept = (await file.read()) ?? {
    installationId: randomBytes(16).toString('hex'),
    serial: 0,
    skipped: null,
    putOff: null,
    installing: null,
  };
  return {
    get value() {
      return value;
    },
    note: (change) =>
      inTurn(async () => {
        const next = { ...value, ...change };
        await file.write(next);
        value = next;
      }),
  };
}
