import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ed25519FromSeed } from '../../../../src-node/ed25519.ts';
import { sha256 } from '../../../../src-node/sha256.ts';
import { addressOf } from '../../../../src-shared/rounds/ss58.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { StateDonor } from '../../../../src-worker/swarm/state/donate.ts';
import { Transfer } from '../../../../src-worker/swarm/state/transfer.ts';
import type { Wanted } from '../../../../src-worker/swarm/state/wanted.ts';
import { begin, dropGroups, type Group, group } from '../butterfly-group.ts';
import { played, playTime } from '../played-time.ts';
import { ZERO } from '../round.ts';

beforeEach(playTime);
afterEach(async () => {
  await dropGroups();
  vi.useRealTimers();
});

const ASKERS = 192;
const LEAF_BYTES = 2_048;

/** An average without end: whoever brings it asks for as long as it may. */
const endless = (): Wanted => ({
  ...{
    name: 'endless',
    pieces: 10_000,
    pieceBytes: LEAF_BYTES,
    totalBytes: 10_000 * LEAF_BYTES,
    listBytes: 1,
  },
  ...{ isComplete: false, receivedBytes: 0, has: () => false, lengthOf: () => LEAF_BYTES },
  listQuestion: () => ({ kind: 'list', round: 1, rosterDigest: ZERO, resultsDigest: ZERO }),
  pieceQuestion: (chunk) => ({ kind: 'leaf', round: 1, rosterDigest: ZERO, chunk, digest: ZERO }),
  list: async () => true,
  put: async () => true,
});

/** Members of a home's uplink, each of which has the average of the round before and gives it, held by its exchange. */
async function homes(): Promise<{ g: Group; run(): Promise<number> }> {
  const g = await group(4, { elements: 65_536 });
  const find = async () => ({ bytes: LEAF_BYTES, read: async () => new Uint8Array(LEAF_BYTES) });
  const donors = g.members.map(({ hotkey }) => {
    g.world.slow(hotkey, 100_000);
    return new StateDonor(g.world.peers.get(hotkey)!, 1_024, { find });
  });
  return {
    g,
    async run() {
      // As swarm.ts does it around each exchange.
      const over = donors.map(({ giving }) => giving.hold());
      const reports = await played(begin(g));
      for (const giveAgain of over) giveAgain();
      return Math.max(...reports.map(({ durationMs }) => durationMs));
    },
  };
}

it('192 that were not drawn and ask for the last average cost an exchange less than 5 % of its pace', async () => {
  const alone = await (await homes()).run();
  const { g, run } = await homes();
  const stop = new AbortController();
  const transfers: Promise<void>[] = [];
  for (let i = 0; i < ASKERS; i++) {
    const key = ed25519FromSeed(new Uint8Array(32).fill(50 + i));
    const hotkey = addressOf(sha256(Uint8Array.of(50 + i)));
    const network = g.world.join(hotkey, key.publicKey);
    const file = endless();
    const transfer = new Transfer({
      ...{ network, file, extents: [], liars: new Set<Ss58>(), hasStores: false, signal: stop.signal },
      ...{ onLiar: () => undefined, onProgress: () => undefined },
    });
    transfers.push(transfer.run().catch(() => undefined));
  }
  const beside = await run();
  stop.abort();
  await played(Promise.all(transfers));
  expect(beside / alone).toBeLessThan(1.05);
});
