import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
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
const sentSchema = v.object({
  identity: fieldHex,
  record: v.nullable(fieldHex),
  lastBlock: v.nullable(v.pipe(v.number(), v.safeInteger())),
  settled: v.boolean(),
  decisions: v.pipe(
    v.array(v.object({ name: v.pipe(v.string(), v.maxLength(128)), record: fieldHex })),
    v.maxLength(DECISIONS_KEPT),
    v.readonly(),
  ),
});

/**
 * Where that is kept, twice. Reading throws COMMITMENT_FILE_CORRUPT when both copies are damaged: guessing what a
 * witness has said could make it say two things.
 */
export const commitmentFile = (
  path: string,
  told: (error: CodedError) => void,
): DurableJson<SentCommitment> =>
  durableJson({
    path,
    schema: sentSchema,
    told,
    secondCopy: 'kept',
    refuse: () => new AppError('COMMITMENT_FILE_CORRUPT', { path }),
  });
