import { open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../src-node/sha256.ts';
import { StateDigest } from '../../../src-shared/reduce/state-digest.ts';
import { SpoolDisk } from '../../../src-worker/swarm/spool-disk.ts';
import { StateDonor } from '../../../src-worker/swarm/state/donate.ts';
import { fetchLineage, fetchState } from '../../../src-worker/swarm/state/fetch.ts';
import { canWatchFiles, watchFiles } from '../../file-watch.ts';
import { MemoryWorld } from './memory-network.ts';
import { plainDisk, type TestMember, testMember, ZERO } from './round.ts';

const PIECE = 1_024;
const never = new AbortController().signal;
const state = Uint8Array.from({ length: 10 * PIECE + 300 }, (_, i) => (i * 31) >> 3);
const digest = new StateDigest(PIECE, sha256);
digest.update(state);
const { digest: baseDigest } = digest.finish();
const made: { members: TestMember[]; donors: StateDonor[] }[] = [];

afterEach(async () => {
  for (const { members, donors } of made.splice(0)) {
    for (const donor of donors) await donor.stop();
    for (const { spoolDir } of members) await rm(spoolDir, { recursive: true });
  }
});

async function world(size: number) {
  const net = new MemoryWorld();
  const members = await Promise.all(Array.from({ length: size }, (_, i) => testMember(i)));
  const networks = members.map((m) => net.join(m.hotkey, m.key.publicKey));
  const donors = networks.slice(1).map((network) => new StateDonor(network, PIECE));
  made.push({ members, donors });
  const paths = members.map(({ spoolDir }) => join(spoolDir, 'state.bin'));
  for (const [i, donor] of donors.entries()) {
    await writeFile(paths[i + 1]!, state);
    await donor.offer({ baseDigest, path: paths[i + 1]!, sizeBytes: state.length, lineage: [] });
  }
  const at = { path: paths[0]!, baseDigest, sizeBytes: state.length, pieceBytes: PIECE };
  return { net, members, network: networks[0]!, donors, at };
}

describe('state transfer', () => {
  it('brings the exact bytes and leaves no scratch file', async () => {
    const { network, at } = await world(3);
    await fetchState(network, at, plainDisk(), () => {}, never);
    expect(Buffer.compare(await readFile(at.path), state)).toBe(0);
    await expect(stat(`${at.path}.part`)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(stat(`${at.path}.pieces`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it.runIf(canWatchFiles)('syncs all of a state before it stands under its name', async () => {
    const { network, at } = await world(2);
    const events = await watchFiles();
    await fetchState(network, at, plainDisk(), () => {}, never);
    const onPart = events.filter(({ name }) => name === 'state.bin.part');
    expect(onPart.filter(({ what }) => what === 'write')).not.toEqual([]);
    expect(onPart.at(-1)?.what).toBe('sync');
  });

  it('waits for room on a full disk, and blames no donor for it', async () => {
    const { network, members, at } = await world(2);
    const told: string[] = [];
    let full = 3;
    const disk = new SpoolDisk(
      { notice: ({ code }) => told.push(code), clearNotice: (code) => told.push(`clear ${code}`) },
      (step) => {
        if (step === 'write' && full-- > 0) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      },
    );
    const got = await fetchState(network, at, disk, () => {}, never);
    expect(got.donors).toEqual([members[1]!.hotkey]);
    expect(Buffer.compare(await readFile(at.path), state)).toBe(0);
    expect([told[0], told.at(-1)]).toEqual(['DISK_FULL', 'clear DISK_FULL']);
  });

  it('asks a donor that sends a wrong piece nothing more, and finishes with the others', async () => {
    const { net, members, network, at } = await world(3);
    let lies = 0;
    net.tamper(members[1]!.hotkey, members[0]!.hotkey, 'state', (bytes, deliver) => {
      const other = bytes.slice();
      if (other.length > PIECE) {
        other[other.length - 1]! ^= 1;
        lies++;
      }
      deliver(other);
    });
    const got = await fetchState(network, at, plainDisk(), () => {}, never);
    expect(got.donors).toEqual([members[2]!.hotkey]);
    expect(lies).toBeGreaterThan(0);
    expect(lies).toBeLessThanOrEqual(2);
    expect(Buffer.compare(await readFile(at.path), state)).toBe(0);
  });

  it('goes on after a crash with the pieces that are intact on disk', async () => {
    const { net, members, network, at } = await world(2);
    const stop = new AbortController();
    const seen: number[] = [];
    const first = fetchState(
      network,
      at,
      plainDisk(),
      (receivedBytes) => {
        seen.push(receivedBytes);
        if (receivedBytes >= 4 * PIECE) stop.abort();
      },
      stop.signal,
    );
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    // One of the pieces did not survive the power cut.
    const part = await open(`${at.path}.part`, 'r+');
    await part.write(new Uint8Array(8).fill(255), 0, 8, 0);
    await part.close();
    let pieces = 0;
    net.tamper(members[1]!.hotkey, members[0]!.hotkey, 'state', (bytes, deliver) => {
      if (bytes.length > 300) pieces++;
      deliver(bytes);
    });
    const progress: number[] = [];
    await fetchState(network, at, plainDisk(), (receivedBytes) => progress.push(receivedBytes), never);
    expect(progress[0]).toBeGreaterThanOrEqual(3 * PIECE);
    expect(pieces).toBeLessThanOrEqual(11 - 3);
    expect(Buffer.compare(await readFile(at.path), state)).toBe(0);
  });

  it('does not serve a file that is not what its digest says', async () => {
    const { network, members, at, donors } = await world(2);
    const path = join(members[1]!.spoolDir, 'wrong.bin');
    await writeFile(path, new Uint8Array(state.length));
    await donors[0]!.offer({ baseDigest: ZERO, path, sizeBytes: state.length, lineage: [] });
    const stop = new AbortController();
    const fetching = fetchState(network, { ...at, baseDigest: ZERO }, plainDisk(), () => {}, stop.signal);
    await fetchLineage(network, null, never);
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ name: 'AbortError' });
    await expect(stat(at.path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('takes the longest list of rounds among all peers', async () => {
    const { network, donors, members, at } = await world(3);
    const entry = { round: 1, rosterDigest: ZERO, baseDigest };
    const longer = [entry, { ...entry, round: 2 }];
    const path = join(members[1]!.spoolDir, 'state.bin');
    await donors[0]!.offer({ baseDigest, path, sizeBytes: at.sizeBytes, lineage: [entry] });
    await donors[1]!.offer({ baseDigest, path, sizeBytes: at.sizeBytes, lineage: longer });
    expect(await fetchLineage(network, null, never)).toEqual(longer);
    expect(await fetchLineage(network, members[1]!.hotkey, never)).toEqual([entry]);
  });

  it('says so when the asked peer is not there', async () => {
    const { network, members, net } = await world(2);
    net.kill(members[1]!.hotkey);
    await expect(fetchLineage(network, members[1]!.hotkey, never)).rejects.toMatchObject({
      code: 'PEER_REFUSED',
    });
  });
});
