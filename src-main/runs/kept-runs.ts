import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { address, bootstrapPeers, count, digest, path, shortText } from '../../src-shared/contract/fields.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { profileSchema } from '../../src-shared/profile/schema.ts';

/** A run on somebody else's network, as its user asked for it. What was paid for it is not asked for again. */
const joinedSchema = v.object({
  kind: v.literal('joined'),
  networkName: shortText,
  /** Of the chain that was weighed when it was joined; null in a list that an older Butterfly wrote. */
  genesisHash: v.optional(v.nullable(digest), null),
  /** null: the one that the settings name for this network when it starts. */
  endpoints: v.nullable(
    v.pipe(v.array(v.pipe(v.string(), v.maxLength(512))), v.minLength(1), v.maxLength(16)),
  ),
  profile: profileSchema,
  role: v.picklist(['miner', 'validator']),
  /** Where the keys lie, which may be a folder of the user's own. */
  keysDir: path,
  bootstrap: bootstrapPeers,
  /** null: where the settings say when it starts. */
  listen: v.nullable(v.object({ host: shortText, port: v.pipe(count, v.maxValue(65_535)) })),
  /** Works on the chain of this host's practice, wherever that one answers when it starts, and ends with it. */
  beside: v.exactOptional(v.literal('practice')),
});
const practiceSchema = v.object({ kind: v.literal('practice') });
const originSchema = v.variant('kind', [practiceSchema, joinedSchema]);

const runSchema = v.object({
  id: address,
  origin: originSchema,
  /** null while it is to run. */
  stoppedAtMs: v.nullable(v.number()),
  /** A pause that a restart keeps; null while it works. */
  pause: v.nullable(v.object({ untilMs: v.nullable(v.number()) })),
  /** What a page shows of a stopped one without starting it. */
  facts: v.object({
    profile: shortText,
    profileHash: digest,
    netuid: count,
    role: v.picklist(['miner', 'validator']),
    mark: v.nullable(shortText),
    startedAtMs: v.number(),
    network: shortText,
    controls: v.array(v.picklist(['pause', 'stop', 'start-over'])),
  }),
});

export type JoinedRun = v.InferOutput<typeof joinedSchema>;
export type RunOrigin = v.InferOutput<typeof originSchema>;
export type KeptRun = v.InferOutput<typeof runSchema>;

export const keptRunsSchema = v.pipe(v.array(runSchema), v.maxLength(256));

/** Which runs this host has, running or stopped: what a restart goes on with. */
export const keptRunsFile = (
  dataDir: string,
  told: (error: CodedError) => void,
): DurableJson<readonly KeptRun[]> =>
  durableJson({
    path: join(dataDir, 'runs.json'),
    schema: keptRunsSchema,
    told,
    secondCopy: 'kept',
  });
