import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LineageEntry } from '../../../../src-shared/rounds/messages.ts';
import {
  LINEAGE_ASKS_AT_ONCE,
  LINEAGE_LIMIT_MS,
  LINEAGES_COMPARED,
} from '../../../../src-worker/swarm/state/limits.ts';
import { fetchLineage } from '../../../../src-worker/swarm/state/lineage.ts';
import { played, playTime } from '../played-time.ts';
import { ZERO } from '../round.ts';
import { dropWorlds, never, stateWorld } from './rig.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropWorlds();
  vi.useRealTimers();
});

type World = Awaited<ReturnType<typeof stateWorld>>;

const listOf = (rounds: number): LineageEntry[] =>
  Array.from({ length: rounds }, (_, round) => ({
    ...{ round, rosterDigest: ZERO, resultsDigest: ZERO, baseDigest: ZERO },
  }));

/** Each gives a list of so many rounds; null: it keeps silent. */
async function lists(rounds: readonly (number | null)[]): Promise<World> {
  const world = await stateWorld(rounds.length, 1);
  const { wanted, donors, hotkeys, net } = world;
  for (const [i, count] of rounds.entries())
    if (count === null) net.peers.get(hotkeys[i]!)!.handle('state', () => new Promise(() => {}));
    else await donors[i]!.offer({ ...wanted, lineage: listOf(count) });
  return world;
}

/** How many questions a network asks in all, and at once at most. */
function counted(network: World['network']) {
  const seen = { asked: 0, atOnce: 0 };
  let open = 0;
  const over = () => void open--;
  const opened = network.open.bind(network);
  network.open = async (...given) => {
    seen.asked++;
    seen.atOnce = Math.max(seen.atOnce, ++open);
    const link = await opened(...given);
    return {
      ...link,
      close: () => link.close().finally(over),
      abort() {
        link.abort();
        over();
      },
    };
  };
  return seen;
}

const roundsIn = async (world: World) => (await played(fetchLineage(world.network, null, never))).length;

describe('the list of rounds', () => {
  it('is the longest of those that a few peers give', async () => {
    const world = await lists([1, 3, 2]);
    expect(await roundsIn(world)).toBe(3);
    const [first] = world.hotkeys;
    expect(await played(fetchLineage(world.network, first!, never))).toEqual(listOf(1));
  });

  it('is asked of a few, however many there are', async () => {
    const { network } = await lists(Array.from({ length: 30 }, (_, i) => i + 1));
    const seen = counted(network);
    expect(await played(fetchLineage(network, null, never))).toHaveLength(LINEAGES_COMPARED);
    expect(seen.asked).toBe(LINEAGES_COMPARED);
  });

  it('is asked of everybody, some at a time, where nobody answers', async () => {
    const { network, hotkeys } = await lists(Array(3 * LINEAGE_ASKS_AT_ONCE).fill(null));
    const seen = counted(network);
    await expect(played(fetchLineage(network, null, never))).rejects.toMatchObject({ code: 'PEER_REFUSED' });
    expect(seen).toEqual({ asked: hotkeys.length, atOnce: LINEAGE_ASKS_AT_ONCE });
  });

  it.each([
    ['first', [null, null, null, 2]],
    ['last', [2, null, null, null]],
  ])('is had from the one that answers while those asked %s keep silent', async (_where, rounds) => {
    const world = await lists(rounds);
    const beganMs = performance.now();
    expect(await roundsIn(world)).toBe(2);
    expect(performance.now() - beganMs).toBeLessThan(LINEAGE_LIMIT_MS);
  });

  it('of a newcomer is empty, and taken only where all are newcomers', async () => {
    expect(await roundsIn(await lists([...Array(LINEAGES_COMPARED + 1).fill(0), 2]))).toBe(2);
    expect(await roundsIn(await lists([0, 0]))).toBe(0);
  });

  it('is refused where the asked peer is not there', async () => {
    const { network, hotkeys, net } = await lists([1]);
    net.kill(hotkeys[0]!);
    await expect(played(fetchLineage(network, hotkeys[0]!, never))).rejects.toMatchObject({
      code: 'PEER_REFUSED',
    });
  });
});
