import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as scure from '@scure/sr25519';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { withLimit } from '../../src-node/waits.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';
import {
  isSignedBy,
  MANIFEST,
  MANIFEST_BYTES_MAX,
  readManifest,
} from '../../src-shared/published/manifest.ts';
import type { OpenedPlace } from '../publishing/chosen-place.ts';
import { PUBLISH_CALL_LIMIT_MS } from '../publishing/limits.ts';
import type { SharedPublish } from '../publishing/shared-publish.ts';
import { type KnownState, type KnownStore, knownState } from './known.ts';
import { LOOK_LIMIT_MS, MANIFESTS_KEPT } from './limits.ts';
import type { StoreOfModels } from './sources.ts';

export interface Looking {
  readonly publish: Pick<SharedPublish, 'client'>;
  /** Where manifests lie while they come. */
  readonly folder: string;
  nowMs(): number;
  /** Each time more is known. */
  seen(known: KnownStore): void;
  readonly signal: AbortSignal;
}

/**
 * Looks what a store has, and reads the manifests that are new there. One that cannot be read is counted and does not
 * keep anybody from the others.
 * @throws {AppError} MODEL_SOURCE_UNREADABLE, of a token, or of the store
 */
export async function lookAt(
  store: StoreOfModels,
  before: KnownStore | null,
  { publish, folder, nowMs, seen, signal }: Looking,
): Promise<KnownStore> {
  const limited = withLimit(signal, LOOK_LIMIT_MS);
  const place = await openedStore(store);
  const client = await publish.client(withLimit(signal, PUBLISH_CALL_LIMIT_MS));
  const at = { job: `look-${store.id}`, store: place.place, secret: place.secret };
  const listed = (await client.call('store.list', at, limited)).states.slice(-MANIFESTS_KEPT);
  const found = new Map<string, KnownState | null>();
  for (const { tag, revision } of listed) {
    const known = before?.states.find((one) => one.tag === tag && one.revision === revision);
    if (known) found.set(tag, known);
  }
  const soFar = (): KnownStore => ({
    id: store.id,
    lookedAtMs: nowMs(),
    unreadable: [...found.values()].filter((one) => one === null).length,
    states: listed.flatMap(({ tag }) => found.get(tag) ?? []),
  });
  // The newest first: that is what people wait for.
  for (const { tag, revision } of listed.toReversed()) {
    if (found.has(tag)) continue;
    found.set(tag, await readState(tag, revision));
    seen(soFar());
  }
  return soFar();

  async function readState(tag: string, revision: string): Promise<KnownState | null> {
    const into = join(folder, `look-${store.id}`);
    try {
      await mkdir(into, { recursive: true });
      await client.call('store.download', { ...at, tag, names: [], into }, limited);
      const text = await readTextBounded(join(into, MANIFEST), MANIFEST_BYTES_MAX);
      const manifest = text ? readManifest(text) : null;
      return manifest && knownState(manifest, revision, isSignedBy(manifest, verified));
    } catch (thrown) {
      limited.throwIfAborted();
      const { code } = toCodedError(thrown);
      // Of this state alone; whatever else it is, the next one would meet it too.
      if (code !== 'STORE_STATE_DAMAGED' && code !== 'STORE_STATE_MISSING') throw thrown;
      return null;
    } finally {
      await rm(into, { recursive: true, force: true });
    }
  }
}

const verified = (message: Uint8Array, signature: Uint8Array, key: Uint8Array): boolean => {
  try {
    return scure.verify(message, signature, key);
  } catch {
    // Bytes that are no signature at all.
    return false;
  }
};

/** A store as it opens, for a job of its own. @throws {AppError} MODEL_SOURCE_UNREADABLE, or of a token */
export async function openedStore(store: StoreOfModels): Promise<OpenedPlace> {
  const place = await store.open();
  if (!place) throw new AppError('MODEL_SOURCE_UNREADABLE', { address: store.address });
  return place;
}
