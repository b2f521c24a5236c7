import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { count, shortText } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';

const knownSchema = v.object({
  /** Rows that the ledger had at least; null before there was one. */
  ledgerRows: v.nullable(count),
  /** First block that was looked at, by chain and hotkey: where a ledger without rows begins to look again. */
  begun: v.pipe(v.array(v.object({ chain: shortText, hotkey: shortText, block: count })), v.readonly()),
  hasTelemetry: v.boolean(),
});

/** What the data folder remembers of its databases, in a file beside them: an emptied one cannot say so itself. */
export type Known = Readonly<v.InferOutput<typeof knownSchema>>;

const nothing: Known = { ledgerRows: null, begun: [], hasTelemetry: false };

export interface Witness {
  readonly known: Known;
  /** Written soon, newest last; a crash before leaves it knowing less, which claims no damage. */
  note(change: Partial<Known>): void;
}

export async function openWitness(dataDir: string, told: (error: CodedError) => void): Promise<Witness> {
  const path = join(dataDir, 'store.json');
  const file = durableJson({ path, schema: knownSchema, told, secondCopy: 'kept' });
  let known: Known = (await file.read()) ?? nothing;
  let writing = false;
  let isBehind = false;

  async function write(): Promise<void> {
    writing = true;
    while (isBehind) {
      isBehind = false;
      // A disk without room has refused the row itself already; the next row tries again.
      await file.write(known).catch(() => undefined);
    }
    writing = false;
  }

  return {
    get known() {
      return known;
    },
    note(change) {
      known = { ...known, ...change };
      isBehind = true;
      if (!writing) void write();
    },
  };
}
