import type { Context } from './pallet.ts';
import { described } from './subtensor/described.ts';
import { seedClock } from './subtensor/epoch-clock.ts';
import { seedCommits } from './subtensor/hash-commits.ts';
import { systemStorage } from './system.ts';

/** What Subtensor calls its step to epochs that go by the state. */
const DYNAMIC_TEMPO = new TextEncoder().encode('dynamic_tempo_v1');

/**
 * The first thing of every block: where the runtime is another than that of the block before, its version is written
 * down, and the state becomes what its rules expect.
 */
export function enterRelease(context: Context): void {
  const { store, release } = context;
  const spec_version = release.specVersion;
  if (store.get(systemStorage.LastRuntimeUpgrade)?.spec_version === spec_version) return;
  store.put(systemStorage.LastRuntimeUpgrade, { spec_version, spec_name: 'node-subtensor' });
  if (!release.dynamicTempo || store.get(described.HasMigrationRun, DYNAMIC_TEMPO)) return;
  for (const netuid of context.netuids()) seedClock(context, netuid);
  seedCommits(context);
  store.put(described.HasMigrationRun, true, DYNAMIC_TEMPO);
}
