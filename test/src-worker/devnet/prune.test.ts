import { expect, test } from 'vitest';
import { alice, call, key, NETUID, openRig, options, owner, query } from './rig.ts';

test('a full subnet keeps its owner’s own hotkey and the newest of its others, and prunes the oldest of the rest', async () => {
  const rig = await openRig(options({}, { maxUids: 4, minNonImmuneUids: 0, immunityPeriod: 1 }));
  const uidOf = async (name: string): Promise<number | null> =>
    (await query(rig.api, 'subtensorModule.uids', NETUID, key(name).address)).toJSON();
  const register = async (name: string, who = alice) => {
    const tx = call(rig.api, 'subtensorModule.burnedRegister', NETUID, key(name).address);
    expect(await rig.outcome(tx, who)).toBeNull();
    return uidOf(name);
  };
  expect(await register('owned-old', owner)).toBe(1);
  expect(await register('owned-new', owner)).toBe(2);
  expect(await register('a-miner')).toBe(3);
  await rig.seal(2);
  // Nobody has earned anything: the oldest goes first, and of the owner's two only the older one may.
  expect(await register('second')).toBe(1);
  await rig.seal(2);
  expect(await register('third')).toBe(3);
  expect(await uidOf('owned-old')).toBeNull();
  expect(await uidOf('owned-new')).toBe(2);
});
