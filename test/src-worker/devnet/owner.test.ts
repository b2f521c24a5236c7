import type { ApiPromise } from '@polkadot/api';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, call, eventNames, NETUID, openRig, options, owner, query, type Rig } from './rig.ts';

const TEMPO = 30;
/** Blocks between two turns of one setting: two tempos; of the key of weights: five. */
const PAUSE = 2 * TEMPO;

/** One chain for all; each test begins in an epoch's own block, and they run in order. */
let rig: Rig;
let api: ApiPromise;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const cleanup = ((step: () => Promise<void>) => cleanups.push(step)) as never;
  rig = await openRig(options({}, { tempo: TEMPO }), cleanup);
  api = rig.api;
});
afterAll(async () => {
  for (const step of cleanups) await step();
});

const height = async (): Promise<number> => (await api.rpc.chain.getHeader()).number.toNumber();
/** Where a block stands in its epoch: 0 is the epoch's own, 30 the last before the next. */
const placeOf = (block: number): number => (block + NETUID + 1) % (TEMPO + 1);
/** Seals until the next block stands at this place. */
async function sealTo(place: number): Promise<void> {
  const next = placeOf((await height()) + 1);
  await rig.seal((place - next + TEMPO + 1) % (TEMPO + 1));
}
const set = (setting: string, ...values: unknown[]) =>
  call(api, `adminUtils.sudoSet${setting}`, NETUID, ...values);

beforeEach(() => sealTo(0));

/** Call, value, item, and the event where there is one. */
const SETTINGS: readonly (readonly [string, number | boolean, string, string | null])[] = [
  ['ServingRateLimit', 7, 'servingRateLimit', 'subtensorModule.ServingRateLimitSet'],
  ['WeightsVersionKey', 2, 'weightsVersionKey', 'subtensorModule.WeightsVersionKeySet'],
  ['ImmunityPeriod', 77, 'immunityPeriod', 'subtensorModule.ImmunityPeriodSet'],
  ['MinAllowedWeights', 3, 'minAllowedWeights', 'subtensorModule.MinAllowedWeightSet'],
  ['MaxAllowedUids', 100, 'maxAllowedUids', 'subtensorModule.MaxAllowedUidsSet'],
  ['Rho', 11, 'rho', null],
  ['ActivityCutoff', 4_000, 'activityCutoff', 'subtensorModule.ActivityCutoffSet'],
  ['MinBurn', 600_000, 'minBurn', 'subtensorModule.MinBurnSet'],
  ['MaxBurn', 200_000_000, 'maxBurn', 'subtensorModule.MaxBurnSet'],
  ['BondsMovingAverage', 975_000, 'bondsMovingAverage', 'subtensorModule.BondsMovingAverageSet'],
  ['BondsPenalty', 32_768, 'bondsPenalty', 'subtensorModule.BondsPenaltySet'],
  ['CommitRevealWeightsEnabled', true, 'commitRevealWeightsEnabled', 'subtensorModule.CommitRevealEnabled'],
  ['LiquidAlphaEnabled', true, 'liquidAlphaOn', null],
  ['CommitRevealWeightsInterval', 2, 'revealPeriodEpochs', 'subtensorModule.CommitRevealPeriodsSet'],
  ['ToggleTransfer', false, 'transferToggle', 'subtensorModule.TransferToggle'],
  ['AlphaSigmoidSteepness', 500, 'alphaSigmoidSteepness', null],
  ['Yuma3Enabled', false, 'yuma3On', 'adminUtils.Yuma3EnableToggled'],
  ['OwnerImmuneNeuronLimit', 3, 'immuneOwnerUidsLimit', null],
];

test('the owner turns every setting, and nobody else does', async () => {
  for (const [setting, value] of SETTINGS)
    expect([setting, await rig.outcome(set(setting, value), alice)]).toEqual([setting, 'BadOrigin']);
  await sealTo(0);
  for (const [setting, value, item, event] of SETTINGS) {
    const result = await rig.send(set(setting, value), owner);
    expect([setting, result.dispatchError]).toEqual([setting, undefined]);
    if (event) expect(eventNames(result)).toContain(event);
    expect([item, (await query(api, `subtensorModule.${item}`, NETUID)).toJSON()]).toEqual([item, value]);
  }
});

test('each setting once in two tempos, the key of weights once in five', async () => {
  expect(await rig.outcome(set('Rho', 12), owner)).toBe('subtensorModule.TxRateLimitExceeded');
  await rig.seal(PAUSE);
  await sealTo(0);
  expect(await rig.outcome(set('Rho', 12), owner)).toBeNull();
  const turned = await height();
  expect(await rig.outcome(set('MinBurn', 600_001), owner)).toBeNull();
  expect(await rig.outcome(set('WeightsVersionKey', 3), owner)).toBe('subtensorModule.TxRateLimitExceeded');
  // The last block in which it is too soon; and the first in which it is not, which lies in the window.
  await rig.seal(turned + PAUSE - 2 - (await height()));
  expect(await rig.outcome(set('Rho', 13), owner)).toBe('subtensorModule.TxRateLimitExceeded');
  expect(await rig.outcome(set('Rho', 13), owner)).toBe(
    'subtensorModule.AdminActionProhibitedDuringWeightsWindow',
  );
  expect(await height()).toBe(turned + PAUSE);
  await rig.seal(5 * TEMPO);
  await sealTo(0);
  expect(await rig.outcome(set('WeightsVersionKey', 3), owner)).toBeNull();
});

test('nothing in the ten blocks before an epoch', async () => {
  await rig.seal(PAUSE);
  await sealTo(21); // 9 blocks are left
  expect(await rig.outcome(set('ImmunityPeriod', 1), owner)).toBe(
    'subtensorModule.AdminActionProhibitedDuringWeightsWindow',
  );
  await sealTo(TEMPO);
  expect(await rig.outcome(set('ImmunityPeriod', 1), owner)).toBe(
    'subtensorModule.AdminActionProhibitedDuringWeightsWindow',
  );
  expect(await rig.outcome(set('ImmunityPeriod', 1), owner)).toBeNull(); // the epoch's own block
  await sealTo(20);
  expect(await rig.outcome(set('ServingRateLimit', 1), owner)).toBeNull();
});

test('values beyond the chain’s limits are refused by name', async () => {
  await rig.seal(5 * TEMPO);
  const wanted: readonly (readonly [string, string, unknown])[] = [
    ['MinBurn', 'adminUtils.ValueNotInBounds', 1_000_000_000],
    ['MinBurn', 'adminUtils.ValueNotInBounds', 200_000_000],
    ['MaxBurn', 'adminUtils.ValueNotInBounds', 100_000_000],
    ['BondsMovingAverage', 'adminUtils.BondsMovingAverageMaxReached', 975_001],
    ['ActivityCutoff', 'subtensorModule.ActivityCutoffTooLow', 359],
    ['CommitRevealWeightsInterval', 'subtensorModule.RevealPeriodTooLarge', 101],
    ['CommitRevealWeightsInterval', 'subtensorModule.RevealPeriodTooSmall', 0],
    ['OwnerImmuneNeuronLimit', 'subtensorModule.InvalidValue', 0],
    ['OwnerImmuneNeuronLimit', 'subtensorModule.InvalidValue', 11],
    ['AlphaSigmoidSteepness', 'adminUtils.NegativeSigmoidSteepness', -1],
    ['MaxAllowedUids', 'adminUtils.MaxAllowedUidsLessThanMinAllowedUids', 63],
    ['MaxAllowedUids', 'adminUtils.MaxAllowedUidsGreaterThanDefaultMaxAllowedUids', 257],
    ['NetworkRegistrationAllowed', 'BadOrigin', false],
  ];
  await sealTo(0);
  for (const [setting, error, value] of wanted)
    expect([setting, await rig.outcome(set(setting, value), owner)]).toEqual([setting, error]);
});

test('the rates of liquid alpha stand in their order, while it is on', async () => {
  const rates = (low: number, high: number) => rig.outcome(set('AlphaValues', low, high), owner);
  expect(await rates(1_637, 60_000)).toBe('subtensorModule.AlphaLowOutOfRange');
  expect(await rates(50_001, 50_000)).toBe('subtensorModule.AlphaLowOutOfRange');
  expect(await rates(1_638, 1_637)).toBe('subtensorModule.AlphaHighTooLow');
  expect(await rates(1_638, 60_000)).toBeNull();
  expect((await query(api, 'subtensorModule.alphaValues', NETUID)).toJSON()).toEqual([1_638, 60_000]);
});
