import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../src-node/sha256.ts';
import { stopStack } from '../../src-node/stop-stack.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import { StateDigest } from '../../src-shared/reduce/state-digest.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import { openGroup } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import { openNetwork } from '../net/network.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';

const NAME = 'state-4-donors';
const HELD = { floor: 0.8, goal: 0.9 } as const;
const DONORS = 4;
/** What the newcomer's line takes; each donor's lets out a quarter of it. */
const LINK_BITS_PER_S = 100e6;
const STATE_BYTES = 64 * 2 ** 20 + 17;
const TRIES = 5;
const STOP_LIMIT_MS = 60_000;

/**
 * How much of a newcomer's line of 100 Mbit a state takes that four donors give at once, each behind a line of 25 Mbit
 * of its own: bits of the state over the time from the first question to the file under its name.
 */
export async function stateFromFourDonors(): Promise<Figure> {
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured(NAME, 'of the link', why, HELD);
  const stops = stopStack({ limitMs: STOP_LIMIT_MS });
  try {
    const home = await mkdtemp(join(tmpdir(), 'bench-state-'));
    stops.push('folder', () => rm(home, { recursive: true, force: true }));
    const donor = { upBitsPerS: LINK_BITS_PER_S / DONORS };
    const network = await openNetwork([...Array.from({ length: DONORS }, () => donor), { upBitsPerS: null }]);
    stops.push('network', network.stop);
    const key = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;
    const profile = practiceProfile({ witness: key, ownerColdkey: key, endpoint: '', bootstrap: [] });
    const group = await openGroup(network.places, profile, home);
    stops.push('group', group.stop);
    const { path, baseDigest } = await madeState(home, profile.consensus.codec.pieceBytes);
    for (let number = 0; number < DONORS; number++)
      await group.member(number).offerState({ baseDigest, path, sizeBytes: STATE_BYTES });
    const shares: number[] = [];
    for (let i = 0; i < TRIES; i++) {
      const into = join(home, `fetched-${i}.bin`);
      const beganMs = performance.now();
      await group.member(DONORS).fetchState({ baseDigest, path: into, sizeBytes: STATE_BYTES });
      const seconds = (performance.now() - beganMs) / 1_000;
      shares.push((8 * STATE_BYTES) / seconds / LINK_BITS_PER_S);
      await rm(into);
    }
    const seen = shares.map((share) => share.toFixed(3)).join(' ');
    return figure(NAME, median(shares), 'of the link', { ...HELD, seen });
  } finally {
    await stops.stop();
  }
}

async function madeState(home: string, pieceBytes: number): Promise<{ path: string; baseDigest: Hex }> {
  const state = Buffer.alloc(STATE_BYTES, 'butterfly');
  for (let at = 0; at + 4 < STATE_BYTES; at += pieceBytes) state.writeUInt32LE(at, at);
  const path = join(home, 'state.bin');
  await writeFile(path, state);
  const digest = new StateDigest(pieceBytes, sha256);
  digest.update(state);
  return { path, baseDigest: digest.finish().digest };
}
