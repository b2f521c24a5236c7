import type { Context } from './pallet.ts';
import { systemStorage } from './system.ts';

/**
 * The first thing of every block: where the runtime is another than that of the block before, its version is written
 * down, and the state becomes what its rules expect.
 */
export function enterRelease({ store, release }: Context): void {
  const last = store.get(systemStorage.LastRuntimeUpgrade);
  const spec_version = BigInt(release.specVersion);
  if (last?.spec_version === spec_version) return;
  store.put(systemStorage.LastRuntimeUpgrade, { spec_version, spec_name: 'node-subtensor' });
}
