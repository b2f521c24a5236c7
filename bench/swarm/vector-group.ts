import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopStack } from '../../src-node/stop-stack.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { type Group, openGroup } from '../net/group.ts';
import { type Line, openNetwork, type Place } from '../net/network.ts';
import { LINK_BITS_PER_S } from './vector.ts';

const STOP_LIMIT_MS = 60_000;

/** As much both ways. */
export const lineOf = (bitsPerS: number): Line => ({ upBitsPerS: bitsPerS, downBitsPerS: bitsPerS });

/** Opens a group, does something with it, and takes all of it away. @param line of each member */
export async function withGroup<T>(
  members: number,
  profile: Profile,
  act: (group: Group, places: readonly Place[]) => Promise<T>,
  line = lineOf(LINK_BITS_PER_S),
): Promise<T> {
  const stops = stopStack({ limitMs: STOP_LIMIT_MS });
  try {
    const home = await mkdtemp(join(tmpdir(), 'bench-group-'));
    stops.push('folder', () => rm(home, { recursive: true, force: true }));
    const network = await openNetwork(Array.from({ length: members }, () => line));
    stops.push('network', network.stop);
    const group = await openGroup(network.places, profile, home);
    stops.push('group', () => group.stop());
    return await act(group, network.places);
  } finally {
    await stops.stop();
  }
}
