import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as scure from '@scure/sr25519';
import { afterAll, expect, it } from 'vitest';
import { entryPath } from '../../../../src-main/entry-path.ts';
import { sha256 } from '../../../../src-node/sha256.ts';
import { StateDigest } from '../../../../src-shared/reduce/state-digest.ts';
import { bindingBytes, encodeBinding } from '../../../../src-shared/rounds/binding.ts';
import { addressOf } from '../../../../src-shared/rounds/ss58.ts';
import { hex } from '../../../../src-shared/units.ts';
import { PIECES_AT_MOST } from '../../../../src-worker/swarm/state/limits.ts';
import { consensus, dropAll, mesh, type Node, never, stopAll } from '../node-rig.ts';
import { testMember } from '../round.ts';

const ENTRY = entryPath('swarm');
const MIB = 2 ** 20;
afterAll(async () => {
  await stopAll();
  await dropAll();
});

const member = await testMember(77);
const secret = scure.secretFromSeed(new Uint8Array(32).fill(77));
const hotkey = addressOf(scure.getPublicKey(secret));

interface Message {
  readonly kind: string;
  readonly id?: number;
  readonly name?: string;
  readonly payload?: { readonly receivedBytes: number };
}

/** The real process of a newcomer; `heard` resolves with the first message that fits. */
function startNewcomer(donors: readonly Node[], seq: number) {
  const child = fork(ENTRY, [], { serialization: 'advanced', execPath: process.execPath });
  const genesisHash = hex('ab'.repeat(32));
  const nowS = Math.floor(Date.now() / 1_000);
  const binding = {
    ...{ hotkey, peerKey: member.key.publicKey, netuid: consensus.chain.netuid, genesisHash, seq },
    ...{ notBefore: nowS, notAfter: nowS + 3_600 },
  };
  child.send({
    kind: 'init',
    config: {
      ...{
        hotkey,
        peerSeed: member.seed,
        chainTimeMs: null,
        genesisHash,
        runTag: '0123456789abcdef',
        consensus,
      },
      ...{ listen: { host: '127.0.0.1', port: 0 }, bootstrap: donors.map(({ address }) => address) },
      ...{ spoolDir: member.spoolDir, store: null, mapsPort: false, mayRelay: true },
      binding: encodeBinding(binding, scure.sign(secret, bindingBytes(binding))),
    },
  });
  const heard = (fits: (message: Message) => boolean) =>
    new Promise<Message>((found) => {
      child.on('message', (message) => fits(message as never) && found(message as never));
    });
  const call = (id: number, name: string, params: object) => child.send({ kind: 'call', id, name, params });
  return { child, heard, call };
}

it('a newcomer that is killed in the middle goes on with what it has, and little comes twice', async () => {
  const donors = await mesh(2);
  const all = [...donors.map((donor) => donor.hotkey), hotkey];
  for (const donor of donors) await donor.swarm.handlers.setMembers({ hotkeys: all, witnesses: [] }, never);
  const state = Buffer.alloc(192 * MIB + 17, 'butterfly');
  for (let piece = 0; piece < 192; piece++) state.writeUInt32LE(piece, piece * MIB);
  const digest = new StateDigest(consensus.codec.pieceBytes, sha256);
  digest.update(state);
  const { digest: baseDigest } = digest.finish();
  for (const donor of donors) {
    const path = join(donor.member.spoolDir, 'state.bin');
    await writeFile(path, state);
    const offer = { baseDigest, path, sizeBytes: state.length, lineage: [] };
    await donor.swarm.handlers.offerState(offer, never);
  }
  const path = join(member.spoolDir, 'state.bin');
  const wanted = { baseDigest, sizeBytes: state.length, path, hasStores: false };
  const isProgress = ({ kind, name, payload }: Message) =>
    kind === 'event' && name === 'stateProgress' && (payload?.receivedBytes ?? 0) > 0;

  const first = startNewcomer(donors, 1);
  await first.heard(({ kind }) => kind === 'ready');
  const some = first.heard(isProgress);
  first.call(1, 'setMembers', { hotkeys: all, witnesses: [] });
  first.call(2, 'fetchState', wanted);
  const { payload } = await some;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  expect(payload!.receivedBytes).toBeLessThan(state.length);

  const second = startNewcomer(donors, 2);
  await second.heard(({ kind }) => kind === 'ready');
  const done = second.heard(({ kind, id }) => id === 2 && (kind === 'result' || kind === 'failure'));
  second.call(1, 'setMembers', { hotkeys: all, witnesses: [] });
  second.call(2, 'fetchState', wanted);
  expect(await done).toMatchObject({ kind: 'result' });
  expect((await readFile(path)).equals(state)).toBe(true);
  second.child.send({ kind: 'stop' });
  await once(second.child, 'exit');

  const atMs = Date.now();
  const sent = await Promise.all(donors.map((donor) => donor.heard('traffic', (said) => said.atMs >= atMs)));
  const sentBytes = sent.reduce((sum, said) => sum + said.sentBytes, 0);
  // What was on its way when it was killed, what a helper has twice at the end, lists and greetings.
  const onItsWay = 2 * 2 * PIECES_AT_MOST * MIB;
  expect(sentBytes).toBeLessThan(state.length + onItsWay);
});
