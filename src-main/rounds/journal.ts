import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { turns } from '../../src-node/turns.ts';
import { address, count, digest, finite } from '../../src-shared/contract/fields.ts';
import { reduceReportSchema } from '../../src-shared/contract/swarm.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import {
  type LineageEntry,
  lineageEntrySchema,
  readySchema,
  resultsVoteSchema,
  rosterSchema,
} from '../../src-shared/rounds/messages.ts';
import { MEMBERS_MAX } from './limits.ts';
import type { JournaledRecord, PendingRound } from './round-state.ts';

/**
 * What must outlive a crash: the round in progress, the record that a witness has written or was about to, the list of
 * committed rounds and the run's first base. What no peer could tell us again has a second copy.
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

const pairOfKeys = v.pipe(v.tuple([address, address]), v.readonly());
const pendingSchema = v.nullable(
  v.object({
    round: count,
    outcomeBlock: count,
    blockHash: digest,
    witnesses: v.pipe(v.array(address), v.readonly()),
    // What a journal of before does not know of a round is as if it had not come so far.
    coldkeys: v.optional(v.pipe(v.array(pairOfKeys), v.maxLength(MEMBERS_MAX), v.readonly()), []),
    averages: v.optional(v.boolean(), true),
    medianNorm: v.optional(v.nullable(finite), null),
    ready: v.optional(v.nullable(readySchema), null),
    proposal: v.optional(v.nullable(rosterSchema), null),
    roster: v.optional(v.nullable(rosterSchema), null),
    report: v.optional(v.nullable(reduceReportSchema), null),
    // Journals of before this field: whoever does not know whether it proposed must not do so again.
    proposed: v.optional(v.boolean(), true),
    drawn: v.boolean(),
    rosterDigest: v.nullable(digest),
    rosterAtBlock: v.optional(v.nullable(count), null),
    signedResults: v.optional(v.nullable(resultsVoteSchema), null),
    resultsDigest: v.optional(v.nullable(digest), null),
    isTaken: v.optional(v.boolean(), false),
    prepared: v.nullable(v.object({ baseDigest: digest, resultId: digest, resultsDigest: digest })),
  }),
);

const recordSchema = v.object({ round: count, parentId: digest, resultId: digest, outcomeBlock: count });

/** @param told of a file that was damaged */
export async function openJournal(folder: string, told: (error: CodedError) => void): Promise<Journal> {
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, `${name}.json`);
  const files = {
    pending: durableJson({ path: at('pending'), schema: pendingSchema, told }),
    record: durableJson({ path: at('record'), schema: v.nullable(recordSchema), told, secondCopy: 'kept' }),
    lineage: durableJson({
      path: at('lineage'),
      schema: v.pipe(v.array(lineageEntrySchema), v.readonly()),
      told,
    }),
    genesis: durableJson({
      path: at('genesis'),
      schema: v.nullable(genesisSchema),
      told,
      secondCopy: 'kept',
    }),
  };
  // One write after another: the newest record is looked at before another one takes its place.
  const inTurn = turns();
  let pending: PendingRound | null = await files.pending.read();
  let record: JournaledRecord | null = await files.record.read();
  let lineage: readonly LineageEntry[] = (await files.lineage.read()) ?? [];
  let genesis: Genesis | null = await files.genesis.read();
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
        await files.pending.write(next);
        pending = next;
      }),
    saveRecord: (next) =>
      inTurn(async () => {
        if (record && record.round >= next.round) return record;
        await files.record.write(next);
        record = next;
        return next;
      }),
    saveLineage: (next) =>
      inTurn(async () => {
        await files.lineage.write(next);
        lineage = next;
      }),
    saveGenesis: (next) =>
      inTurn(async () => {
        await files.genesis.write(next);
        genesis = next;
      }),
  };
}
