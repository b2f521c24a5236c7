import type { ApiPromise } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decryptTimelocked, encryptTimelocked } from '../../../src-node/timelock.ts';
import { encodeWeightsPayload, QUICKNET, roundAt } from '../../../src-shared/chain/timelock.ts';
import {
  alice,
  call,
  eventNames,
  key,
  NETUID,
  openRig,
  options,
  owner,
  query,
  type Rig,
  TAO,
} from './rig.ts';

const TEMPO = 10;
/** Without a rate limit, and with epochs that are long enough for eleven commits. */
const FREE = 39;
/** Where weights are said openly. */
const OPEN = 40;
const VERSION = 4;
const MISER = key('timelock-miner');
const validator = key('timelock-validator');

let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const seats = [
    { hotkey: validator.address, coldkey: alice.address, stakeAlpha: 1_000n * TAO, validatorPermit: true },
    { hotkey: MISER.address, coldkey: alice.address },
  ];
  const { subnets, ...rest } = options({}, { tempo: TEMPO, commitReveal: true, neurons: seats });
  const [first] = subnets;
  if (!first) throw new Error('a subnet stands in the options');
  const free = { ...first, netuid: FREE, tempo: 100, weightsSetRateLimit: 0 };
  const open = { ...first, netuid: OPEN, commitReveal: false };
  const chosen = { ...rest, subnets: [first, free, open] };
  rig = await openRig(chosen, ((step: () => Promise<void>) => cleanups.push(step)) as never);
  api = rig.api;
  await rig.seal(20);
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

const height = async () => (await api.rpc.chain.getHeader()).number.toNumber();
const nowMs = async () => (await query(api, 'timestamp.now')).toNumber();
const publicKey = async (): Promise<Uint8Array> =>
  (await query(api, 'drand.beaconConfig')).publicKey.toU8a(true);
const weightsOf = async (uid: number) => (await query(api, 'subtensorModule.weights', NETUID, uid)).toJSON();

/** Blocks to the first of the next epoch. */
const toBorder = async () => TEMPO + 1 - (((await height()) + NETUID + 1) % (TEMPO + 1));

interface Sealed {
  readonly who?: KeyringPair;
  readonly uids?: number[];
  readonly values?: number[];
  readonly behindBlocks?: number;
}

/** A cipher that opens `behindBlocks` after the next border, and its round. */
async function sealed({ who = validator, uids = [2], values = [65_535], behindBlocks = 3 }: Sealed = {}) {
  const plain = encodeWeightsPayload({ hotkey: who.publicKey, uids, values, versionKey: 0n });
  const round = roundAt((await nowMs()) + ((await toBorder()) + behindBlocks) * 1_000);
  return { cipher: encryptTimelocked(plain, round, await publicKey()), round };
}

const commit = (netuid: number, cipher: Uint8Array, round: number, version = VERSION) =>
  call(
    api,
    'subtensorModule.commitTimelockedWeights',
    netuid,
    `0x${Buffer.from(cipher).toString('hex')}`,
    round,
    version,
  );

/** Names of the events of the next blocks. */
async function eventsOver(blocks: number): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < blocks; i++) {
    await rig.seal();
    const records: { event: { section: string; method: string } }[] = await query(api, 'system.events');
    names.push(...records.map(({ event }) => event.method));
  }
  return names;
}

test('the beacon is the chain’s own, on the time of the chain, and its pulse opens what its key locks', async () => {
  const own = await publicKey();
  expect(Buffer.from(own).toString('hex')).not.toBe(QUICKNET.publicKey);
  const last = (await query(api, 'drand.lastStoredRound')).toNumber();
  expect(last).toBe(roundAt(await nowMs()));
  const pulse = (await query(api, 'drand.pulses', last)).unwrap();
  const cipher = encryptTimelocked(Uint8Array.of(3, 8), last, own);
  expect(decryptTimelocked(cipher, pulse.signature.toU8a(true))).toEqual(Uint8Array.of(3, 8));
  expect(await eventsOver(3)).toContain('NewPulse');
});

test('weights said openly are refused where they are to be committed, and the other way round', async () => {
  const vote = (netuid: number) =>
    rig.outcome(call(api, 'subtensorModule.setWeights', netuid, [2], [65_535], 0), validator);
  expect(await vote(NETUID)).toBe('subtensorModule.CommitRevealEnabled');
  expect(await vote(OPEN)).toBeNull();
  const { cipher, round } = await sealed();
  expect(await rig.outcome(commit(OPEN, cipher, round), validator)).toBe(
    'subtensorModule.CommitRevealDisabled',
  );
});

test('a commit is opened in the next epoch, once its pulse is out, and the weights are those committed', async () => {
  if ((await toBorder()) < 4) await rig.seal(4);
  const { cipher, round } = await sealed({ uids: [1, 2], values: [100, 200] });
  const result = await rig.send(commit(NETUID, cipher, round), validator);
  expect(eventNames(result)).toContain('subtensorModule.TimelockedWeightsCommitted');
  const at = await height();
  const epoch = Math.floor((at + NETUID + 1) / (TEMPO + 1));
  const [held] = (await query(api, 'subtensorModule.timelockedWeightCommits', NETUID, epoch)).toJSON();
  expect(held).toEqual([validator.address, at, `0x${Buffer.from(cipher).toString('hex')}`, round]);
  expect((await query(api, 'subtensorModule.lastUpdate', NETUID))[1].toNumber()).toBe(at);

  expect(await eventsOver((await toBorder()) + 1)).not.toContain('TimelockedWeightsRevealed');
  expect(await weightsOf(1)).toEqual([]);
  expect(await eventsOver(5)).toContain('TimelockedWeightsRevealed');
  expect(await weightsOf(1)).toEqual([
    [1, 32_767],
    [2, 65_535],
  ]);
  expect((await query(api, 'subtensorModule.timelockedWeightCommits', NETUID, epoch)).toJSON()).toEqual([]);
  // Opening is no vote of its own: the pace goes by the commit.
  expect((await query(api, 'subtensorModule.lastUpdate', NETUID))[1].toNumber()).toBe(at);
  await rig.seal(await toBorder());
  expect((await query(api, 'subtensorModule.incentive', NETUID))[2].toNumber()).toBe(65_535);
});

test.each([
  ['that says another hotkey’s name', async () => sealed({ who: owner })],
  ['that is no cipher', async () => ({ cipher: new Uint8Array(300), round: (await sealed()).round })],
  ['for uids that are not there', async () => sealed({ uids: [99] })],
  [
    'whose pulse does not come within the epoch',
    async () => {
      const { cipher, round } = await sealed({ behindBlocks: 3 * TEMPO });
      return { cipher, round };
    },
  ],
])('a commit %s changes nothing and is gone after its epoch', async (_what, make) => {
  const before = await weightsOf(1);
  if ((await toBorder()) < 4) await rig.seal(4);
  const { cipher, round } = await make();
  expect(await rig.outcome(commit(NETUID, cipher, round), validator)).toBeNull();
  const epoch = Math.floor(((await height()) + NETUID + 1) / (TEMPO + 1));
  expect(await eventsOver((await toBorder()) + TEMPO + 2)).not.toContain('TimelockedWeightsRevealed');
  expect(await weightsOf(1)).toEqual(before);
  expect((await query(api, 'subtensorModule.timelockedWeightCommits', NETUID, epoch)).toJSON()).toEqual([]);
});

test('a commit of another version, of a stranger, too long or too soon is refused by its name', async () => {
  const { cipher, round } = await sealed();
  const outcome = (tx: ReturnType<typeof commit>, who = validator) => rig.outcome(tx, who);
  expect(await outcome(commit(NETUID, cipher, round, 3))).toBe(
    'subtensorModule.IncorrectCommitRevealVersion',
  );
  expect(await outcome(commit(NETUID, cipher, round), alice)).toBe(
    'subtensorModule.HotKeyNotRegisteredInSubNet',
  );
  expect(await outcome(commit(NETUID, new Uint8Array(5_001), round))).toBe('subtensorModule.InvalidValue');
  const mechanism = (mecid: number) =>
    call(
      api,
      'subtensorModule.commitTimelockedMechanismWeights',
      NETUID,
      mecid,
      `0x${Buffer.from(cipher).toString('hex')}`,
      round,
      VERSION,
    );
  expect(await outcome(mechanism(1))).toBe('subtensorModule.MechanismDoesNotExist');
  expect(await outcome(mechanism(0))).toBeNull();
  expect(await outcome(commit(NETUID, cipher, round))).toBe('subtensorModule.CommittingWeightsTooFast');
});

test('ten commits of one hotkey wait in an epoch, and not an eleventh', async () => {
  const short = commit(FREE, Uint8Array.of(1), 1);
  for (let i = 0; i < 10; i++) expect(await rig.outcome(short, validator)).toBeNull();
  expect(await rig.outcome(short, validator)).toBe('subtensorModule.TooManyUnrevealedCommits');
});
