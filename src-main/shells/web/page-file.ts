import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../../src-node/durable-json.ts';
import type { CodedError } from '../../../src-shared/errors/app-error.ts';
import { SESSION_KEYS } from '../limits.ts';

const keptKey = v.object({
  /** SHA-256 of the key: who reads this file gets no key from it. */
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Time of day; the host's clock may be wrong, so a time too far ahead counts as past. */
  expiresAtMs: v.number(),
});
const schema = v.object({
  port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
  keys: v.pipe(v.array(keptKey), v.maxLength(SESSION_KEYS)),
});

export type KeptKey = v.InferOutput<typeof keptKey>;
export type KeptPage = v.InferOutput<typeof schema>;

/** Where the page was and who may come back to it, over a restart. For the owner only. */
export const pageFile = (dataDir: string, told: (error: CodedError) => void): DurableJson<KeptPage> =>
  durableJson({ path: join(dataDir, 'page.json'), schema, told });
