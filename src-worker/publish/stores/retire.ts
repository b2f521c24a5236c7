import { MANIFEST, MANIFEST_BYTES_MAX, readManifest } from '../../../src-shared/published/manifest.ts';
import { readWhole } from './read-whole.ts';
import type { StateStore } from './store.ts';

/**
 * Gives up what is older than the newest so many full states. What single rounds changed stays with the states around it:
 * it is of no use without the one before.
 */
export async function retire(store: StateStore, states: number, signal: AbortSignal): Promise<void> {
  let found = 0;
  for (const { tag } of (await store.list(signal)).toReversed()) {
    const text = await readWhole(store.read(tag, MANIFEST, { begin: 0 }, signal), MANIFEST_BYTES_MAX);
    if (text === null || readManifest(text)?.kind !== 'state') continue;
    found += 1;
    if (found === states) return store.keepFrom(tag, signal);
  }
}
