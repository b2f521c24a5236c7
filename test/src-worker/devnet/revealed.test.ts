import { expect, test } from 'vitest';
import { encryptTimelocked } from '../../../src-node/timelock.ts';
import { roundAt } from '../../../src-shared/chain/timelock.ts';
import { call, eventNames, NETUID, openRig, ownerHotkey, query, type Rig } from './rig.ts';

const hex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const text = (bytes: string) => Buffer.from(bytes.slice(2), 'hex').toString();

/** A field that opens so many seconds from now, as the chain counts them. */
async function lockedIn({ api }: Rig, seconds: number, plain: string, spoil = false): Promise<object> {
  const nowMs = (await query(api, 'timestamp.now')).toNumber();
  const round = roundAt(nowMs + seconds * 1_000);
  const key = (await query(api, 'drand.beaconConfig')).publicKey.toU8a(true);
  const cipher = encryptTimelocked(new TextEncoder().encode(plain), round, key);
  if (spoil) cipher[cipher.length - 40]! ^= 1;
  return { TimelockEncrypted: { encrypted: hex(cipher), reveal_round: round } };
}

const commit = (rig: Rig, fields: object[]) =>
  rig.send(call(rig.api, 'commitments.setCommitment', NETUID, { fields }), ownerHotkey);
const revealed = async ({ api }: Rig): Promise<[string, number][]> =>
  (await query(api, 'commitments.revealedCommitments', NETUID, ownerHotkey.address)).toJSON() ?? [];
const listed = async ({ api }: Rig) => (await query(api, 'commitments.timelockedIndex')).toJSON();

test('a commitment opens when its round has come, and what lay open in it stays', async () => {
  const rig = await openRig();
  const done = await commit(rig, [await lockedIn(rig, 9, 'said before'), { Raw2: '0x6869' }]);
  expect(eventNames(done)).toContain('commitments.TimelockCommitment');
  await rig.seal(3);
  expect(await revealed(rig)).toEqual([]);
  await rig.seal(9);
  const [[plain = '0x'] = []] = await revealed(rig);
  // The client writes printable bytes as they are.
  expect(plain.startsWith('0x') ? text(plain) : plain).toBe('said before');
  expect(await listed(rig)).toEqual([]);
  const left = (await query(rig.api, 'commitments.commitmentOf', NETUID, ownerHotkey.address)).unwrap();
  expect(left.info.fields.map((field: { type: string }) => field.type)).toEqual(['Raw2']);
});

test('one that cannot be opened goes in silence, and so does its commitment where nothing else is in it', async () => {
  const rig = await openRig();
  await commit(rig, [await lockedIn(rig, 5, 'lost', true)]);
  await rig.seal(12);
  expect(await revealed(rig)).toEqual([]);
  expect(await listed(rig)).toEqual([]);
  expect((await query(rig.api, 'commitments.commitmentOf', NETUID, ownerHotkey.address)).isNone).toBe(true);
});
