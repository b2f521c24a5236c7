import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readDurable, writeDurable } from '../../src-node/durable-json.ts';
import { address, count, digest } from '../../src-shared/contract/fields.ts';
import { type LineageEntry, lineageEntrySchema } from '../../src-shared/rounds/messages.ts';
import type { JournaledRecord, PendingRound } from './round-state.ts';

/**
 * What must outlive a crash: the round in progress, the record that a witness has written or was about to, the list of
 * committed rounds and the run's first base. Each file is synced under a temporary name and renamed.
 */
export interface Journal {
  readonly pending: PendingRound | null;
  readonly record: JournaledRecord | null;
  readonly lineage: readonly LineageEntry[];
  readonly genesis: Genesis | null;
  savePending(pending: PendingRound | null): Promise<void>;
  /** @returns what stands in the journal for that round: the earlier one where there was one. */
  saveRecord(record: JournaledRecord): Promise<JournaledRecord>;
  saveLineage(lineage: readonly LineageEntry[]): Promise<void>;
  saveGenesis(genesis: Genesis): Promise<void>;
}

const genesisSchema = v.object({ id: digest, baseDigest: digest });
export type Genesis = v.InferOutput<typeof genesisSchema>;

const pendingSchema = v.nullable(
  v.object({
    round: count,
    outcomeBlock: count,
    blockHash: digest,
    witnesses: v.array(address),
    // Journals of before this field: whoever does not know whether it proposed must not do so again.
    proposed: v.optional(v.boolean(), true),
    drawn: v.boolean(),
    rosterDigest: v.nullable(digest),
    prepared: v.nullable(v.object({ baseDigest: digest, resultId: digest })),
  }),
);

const recordSchema = v.object({ round: count, parentId: digest, resultId: digest, outcomeBlock: count });

export async function openJournal(folder: string): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, `${name}.json`);
  // One write after another: two of the same file would share a temporary name.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  let pending: PendingRound | null = await readDurable(at('pending'), pendingSchema, null);
  let record: JournaledRecord | null = await readDurable(at('record'), v.nullable(recordSchema), null);
  let lineage: readonly LineageEntry[] = await readDurable(at('lineage'), v.array(lineageEntrySchema), []);
  let genesis: Genesis | null = await readDurable(at('genesis'), v.nullable(genesisSchema), null);
  return {
    get pending() {
      return pending;
    },
    get record() {
      return record;
    },
    get lineage() {
      return lineage;
    },
    get genesis() {
      return genesis;
    },
    savePending: (next) =>
      inTurn(async () => {
        await writeDurable(at('pending'), next);
        pending = next;
      }),
    saveRecord: (next) =>
      inTurn(async () => {
        if (record && record.round >= next.round) return record;
        await writeDurable(at('record'), next);
        record = next;
        return next;
      }),
    saveLineage: (next) =>
      inTurn(async () => {
        await writeDurable(at('lineage'), next);
        lineage = next;
      }),
    saveGenesis: (next) =>
      inTurn(async () => {
        await writeDurable(at('genesis'), next);
        genesis = next;
      }),
  };
}
