import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { address, count, digest, finite, shortText } from '../../src-shared/contract/fields.ts';
import type { PublishedModel } from '../../src-shared/contract/page/models.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { bytesOfFiles, type Manifest, stateTagSchema } from '../../src-shared/published/manifest.ts';
import { MANIFESTS_KEPT, SOURCES_MAX } from './limits.ts';

/** What is kept of a state's manifest: it never changes, so it is asked for once. */
export const knownStateSchema = v.object({
  tag: stateTagSchema,
  /** What the store knew it by; another one is looked at anew. */
  revision: shortText,
  kind: v.picklist(['state', 'update']),
  runName: shortText,
  profileHash: digest,
  round: v.pipe(v.number(), v.safeInteger(), v.minValue(-1)),
  baseDigest: digest,
  hotkey: address,
  isSigned: v.boolean(),
  /** Names the manifest: whatever is fetched later has to be of this one. */
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
  sizeBytes: count,
  publishedAtMs: v.nullable(count),
  heldOutLoss: v.nullable(finite),
  ownTokens: v.nullable(count),
});
export type KnownState = v.InferOutput<typeof knownStateSchema>;

const knownStoreSchema = v.object({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  lookedAtMs: v.nullable(count),
  unreadable: count,
  /** Oldest first. */
  states: v.pipe(v.array(knownStateSchema), v.maxLength(MANIFESTS_KEPT)),
});
export type KnownStore = v.InferOutput<typeof knownStoreSchema>;

/** What was seen of stores, so that it is there at once, and without a network too. */
export const knownStoresFile = (
  folder: string,
  told: (error: CodedError) => void,
): DurableJson<readonly KnownStore[]> =>
  durableJson({
    path: join(folder, 'known.json'),
    schema: v.pipe(v.array(knownStoreSchema), v.maxLength(SOURCES_MAX)),
    told,
  });

/** Addresses that a person added, as text. */
export const addedStoresFile = (
  folder: string,
  told: (error: CodedError) => void,
): DurableJson<readonly string[]> =>
  durableJson({
    path: join(folder, 'added.json'),
    schema: v.pipe(v.array(shortText), v.maxLength(SOURCES_MAX)),
    told,
    secondCopy: 'kept',
  });

export const knownState = (manifest: Manifest, revision: string, isSigned: boolean): KnownState => {
  const { tag, kind, run, round, baseDigest, hotkey, signature, files, measured } = manifest;
  return {
    ...{ tag, revision, kind, runName: run.name, profileHash: run.profileHash, round, baseDigest, hotkey },
    ...{ isSigned, signature, sizeBytes: bytesOfFiles(files) },
    publishedAtMs: measured?.atMs ?? null,
    heldOutLoss: measured?.heldOutLoss ?? null,
    ownTokens: measured?.ownTokens ?? null,
  };
};

/** As a page is told of it. */
export const shownState = (known: KnownState, link: string | null): PublishedModel => {
  const { revision: _revision, kind: _kind, signature: _signature, ...shown } = known;
  return { ...shown, link };
};
