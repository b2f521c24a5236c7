import { expect, test } from 'vitest';
import { alice, call, eventNames, key, NETUID, openRig, options, owner, query, TAO } from './rig.ts';

/** `TaoWeight` of 393, of 2^64. */
const TAO_WEIGHT = 971_718_665_099_567_868n;
const validator = key('root-validator');
const other = key('root-other');

test('TAO on root weighs in the epoch, and its part of the dividends is recycled while prices are low', async () => {
  const seats = [validator, other].map(({ address }) => ({
    hotkey: address,
    coldkey: alice.address,
    stakeAlpha: 100n * TAO,
    validatorPermit: true,
  }));
  const rig = await openRig(options({}, { tempo: 10, neurons: seats }));
  const { api } = rig;
  const read = async (item: string): Promise<bigint> =>
    (await query(api, `subtensorModule.${item}`, NETUID)).toBigInt();
  expect(await rig.outcome(call(api, 'subtensorModule.startCall', NETUID), owner)).toBeNull();
  const stake = call(api, 'subtensorModule.addStake', validator.address, 0, 4_000n * TAO);
  expect(await rig.outcome(stake, alice)).toBeNull();

  const issued = (await read('subnetAlphaIn')) + (await read('subnetAlphaOut'));
  const out = await read('subnetAlphaOut');
  await rig.seal();
  const weighed = (4_000n * TAO * TAO_WEIGHT) >> 64n;
  const share = Number(weighed) / Number(weighed + issued);
  expect((await query(api, 'subtensorModule.rootProp', NETUID)).bits.toNumber() / 2 ** 32).toBeCloseTo(
    share,
    3,
  );
  // 41 % of one alpha are the validators'; root's part of them is not emitted at all.
  const added = Number((await read('subnetAlphaOut')) - out) / 1e9;
  expect(added).toBeCloseTo(1 - 0.41 * share, 3);

  await rig.seal(33);
  const dividends: number[] = (await query(api, 'subtensorModule.emission', NETUID)).toJSON();
  const held = async (hotkey: string) =>
    (await query(api, 'subtensorModule.totalHotkeyAlpha', hotkey, NETUID)).toBigInt();
  // Both hold the same alpha: nobody votes, so stake is paid, and root's is not paid in alpha.
  expect(dividends[1]).toBeGreaterThan(0);
  const [mine, theirs] = [await held(validator.address), await held(other.address)];
  expect(Number(mine) / Number(theirs)).toBeCloseTo(1, 6);
});

test('a claim of root’s dividends names one to five subnets', async () => {
  const rig = await openRig();
  const claim = (netuids: number[]) => call(rig.api, 'subtensorModule.claimRoot', netuids);
  expect(eventNames(await rig.send(claim([NETUID]), alice))).toContain('subtensorModule.RootClaimed');
  expect(await rig.outcome(claim([]), alice)).toBe('subtensorModule.InvalidSubnetNumber');
  expect(await rig.outcome(claim([1, 2, 3, 4, 5, 6]), alice)).toBe('subtensorModule.InvalidSubnetNumber');
});
