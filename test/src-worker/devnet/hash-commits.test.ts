import type { ApiPromise } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { blake2AsHex } from '@polkadot/util-crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, call, eventNames, key, NETUID, openRig, options, query, type Rig, TAO } from './rig.ts';

const TEMPO = 10;
/** With epochs that are long enough for eleven commits, and no pause between them. */
const FREE = 39;
/** Where weights are said openly. */
const OPEN = 40;
const validator = key('hash-validator');
const miner = key('hash-miner');
const SALT = [7, 38, 65_535];

let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const seats = [
    { hotkey: validator.address, coldkey: alice.address, stakeAlpha: 1_000n * TAO, validatorPermit: true },
    { hotkey: miner.address, coldkey: alice.address },
  ];
  const { subnets, ...rest } = options({}, { tempo: TEMPO, commitReveal: true, neurons: seats });
  const [first] = subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const free = { ...first, netuid: FREE, tempo: 100, weightsSetRateLimit: 0 };
  const open = { ...first, netuid: OPEN, commitReveal: false, weightsSetRateLimit: 0 };
  const cleanup = ((step: () => Promise<void>) => cleanups.push(step)) as never;
  rig = await openRig({ ...rest, subnets: [first, free, open] }, cleanup);
  api = rig.api;
  await rig.seal(20);
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

const height = async () => (await api.rpc.chain.getHeader()).number.toNumber();
/** Seals until the next block is the first of an epoch. */
async function sealToEpoch(): Promise<void> {
  const place = ((await height()) + 1 + NETUID + 1) % (TEMPO + 1);
  await rig.seal((TEMPO + 1 - place) % (TEMPO + 1));
}
/** Hashed by an independent library. */
function hashOf(values: number[], netuid = NETUID, salt = SALT, who: KeyringPair = validator): string {
  const type = '(AccountId32, u16, Vec<u16>, Vec<u16>, Vec<u16>, u64)';
  return blake2AsHex(api.createType(type, [who.publicKey, netuid, [1, 2], values, salt, 5]).toU8a());
}
const commit = (values: number[], netuid = NETUID) =>
  call(api, 'subtensorModule.commitWeights', netuid, hashOf(values, netuid));
const reveal = (values: number[], salt = SALT, netuid = NETUID) =>
  call(api, 'subtensorModule.revealWeights', netuid, [1, 2], values, salt, 5);
const weightsOf = async (uid: number, netuid = NETUID) =>
  (await query(api, 'subtensorModule.weights', netuid, uid)).toJSON();
const commitsOf = async (netuid = NETUID) =>
  (await query(api, 'subtensorModule.weightCommits', netuid, validator.address)).toJSON();

test('weights are committed by their hash and count once they are revealed, one epoch later and in no other', async () => {
  await sealToEpoch();
  const result = await rig.send(commit([10, 30]), validator);
  expect(eventNames(result)).toContain('subtensorModule.WeightsCommitted');
  const at = await height();
  // This epoch's first block is `at`; the next one's is a tempo and one later.
  expect(await commitsOf()).toEqual([[hashOf([10, 30]), at, at + TEMPO + 1, at + 2 * TEMPO + 1]]);
  const update = (await query(api, 'subtensorModule.lastUpdate', NETUID)).toJSON();
  expect(update[1]).toBe(at);
  expect(await rig.outcome(reveal([10, 30]), validator)).toBe('subtensorModule.RevealTooEarly');
  expect(await rig.outcome(reveal([10, 30], [1]), validator)).toBe(
    'subtensorModule.InvalidRevealCommitHashNotMatch',
  );
  expect(await rig.outcome(reveal([10, 30]), miner)).toBe('subtensorModule.NoWeightsCommitFound');
  expect(await weightsOf(1)).toEqual([]);

  await sealToEpoch();
  const revealed = await rig.send(reveal([10, 30]), validator);
  expect(revealed.dispatchError).toBeUndefined();
  expect(eventNames(revealed)).toEqual(
    expect.arrayContaining(['subtensorModule.WeightsSet', 'subtensorModule.WeightsRevealed']),
  );
  expect(await weightsOf(1)).toEqual([
    [1, 21_845],
    [2, 65_535],
  ]);
  expect(await commitsOf()).toBeNull();
  // Revealing is no new vote: the pace goes by the commit.
  expect((await query(api, 'subtensorModule.lastUpdate', NETUID)).toJSON()[1]).toBe(at);
});

test('what is not revealed in its epoch has expired', async () => {
  await sealToEpoch();
  await rig.send(commit([1, 1]), validator);
  await sealToEpoch();
  await rig.send(commit([2, 2]), validator);
  await sealToEpoch();
  expect(await rig.outcome(reveal([1, 1]), validator)).toBe('subtensorModule.ExpiredWeightCommit');
  expect(await rig.outcome(reveal([2, 2]), validator)).toBeNull();
  expect(await rig.outcome(reveal([1, 1]), validator)).toBe('subtensorModule.NoWeightsCommitFound');
});

test('a hidden vote is no way round the rules: registration, pace, and where votes are open', async () => {
  await sealToEpoch();
  expect(await rig.outcome(commit([3, 3]), validator)).toBeNull();
  expect(await rig.outcome(commit([4, 4]), validator)).toBe('subtensorModule.CommittingWeightsTooFast');
  expect(await rig.outcome(commit([3, 3]), alice)).toBe('subtensorModule.HotKeyNotRegisteredInSubNet');
  expect(await rig.outcome(commit([3, 3], OPEN), validator)).toBe('subtensorModule.CommitRevealDisabled');
  expect(await rig.outcome(reveal([3, 3], SALT, OPEN), validator)).toBe(
    'subtensorModule.CommitRevealDisabled',
  );
  expect(await rig.outcome(commit([3, 3], 77), validator)).toBe('subtensorModule.SubnetNotExists');
  const other = call(api, 'subtensorModule.commitMechanismWeights', NETUID, 1, hashOf([3, 3]));
  expect(await rig.outcome(other, validator)).toBe('subtensorModule.MechanismDoesNotExist');
});

test('ten may wait; one revealed drops those before it, and a batch reveals all or none', async () => {
  const votes = Array.from({ length: 10 }, (_, i) => [i + 1, 100]);
  for (const vote of votes) expect(await rig.outcome(commit(vote, FREE), validator)).toBeNull();
  expect(await rig.outcome(commit([99, 99], FREE), validator)).toBe(
    'subtensorModule.TooManyUnrevealedCommits',
  );
  const place = ((await height()) + 1 + FREE + 1) % 101;
  await rig.seal(101 - place);
  expect(await rig.outcome(reveal([3, 100], SALT, FREE), validator)).toBeNull();
  expect(await commitsOf(FREE)).toHaveLength(7);
  const batch = (given: number[][]) =>
    call(
      api,
      'subtensorModule.batchRevealWeights',
      FREE,
      given.map(() => [1, 2]),
      given,
      given.map(() => SALT),
      given.map(() => 5),
    );
  expect(
    await rig.outcome(
      batch([
        [5, 100],
        [98, 98],
      ]),
      validator,
    ),
  ).toBe('subtensorModule.InvalidRevealCommitHashNotMatch');
  expect(
    await rig.outcome(
      batch([
        [5, 100],
        [5, 100],
      ]),
      validator,
    ),
  ).toBe('subtensorModule.InvalidRevealCommitHashNotMatch');
  expect(await commitsOf(FREE)).toHaveLength(7);
  const result = await rig.send(
    batch([
      [5, 100],
      [8, 100],
    ]),
    validator,
  );
  expect(eventNames(result)).toContain('subtensorModule.WeightsBatchRevealed');
  expect(await weightsOf(1, FREE)).toEqual([
    [1, Math.floor((8 * 65_535) / 100)],
    [2, 65_535],
  ]);
  expect(await commitsOf(FREE)).toHaveLength(5);
  const mechanism = call(api, 'subtensorModule.revealMechanismWeights', FREE, 0, [1, 2], [4, 100], SALT, 5);
  expect(await rig.outcome(mechanism, validator)).toBeNull();
});

test('one call for many subnets tells which of them failed', async () => {
  const hashes = [hashOf([6, 6], FREE), hashOf([6, 6], OPEN)];
  const some = await rig.send(
    call(api, 'subtensorModule.batchCommitWeights', [FREE, OPEN], hashes),
    validator,
  );
  expect(eventNames(some)).toEqual(
    expect.arrayContaining([
      'subtensorModule.WeightsCommitted',
      'subtensorModule.BatchWeightItemFailed',
      'subtensorModule.BatchCompletedWithErrors',
    ]),
  );
  const openly = await rig.send(
    call(api, 'subtensorModule.batchSetWeights', [OPEN], [[[2, 9]]], [5]),
    validator,
  );
  expect(eventNames(openly)).toContain('subtensorModule.BatchWeightsCompleted');
  expect(await weightsOf(1, OPEN)).toEqual([[2, 65_535]]);
  const uneven = call(api, 'subtensorModule.batchCommitWeights', [FREE], hashes);
  expect(await rig.outcome(uneven, validator)).toBe('subtensorModule.InputLengthsUnequal');
});
