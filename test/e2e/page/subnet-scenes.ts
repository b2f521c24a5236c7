import { pruneOrder } from '../../../src-shared/chain/pruning.ts';
import type {
  NeuronRow,
  SubnetPlace,
  SubnetPoint,
  SubnetView,
} from '../../../src-shared/contract/page/subnet.ts';
import { alphaRao, RAO_PER_TAO, rao, type Ss58, ss58 } from '../../../src-shared/units.ts';
import { coldkey } from './money-scenes.ts';
import { me } from './scenes.ts';

/** What a host would say of a subnet, as large as real ones. Numbers are made by a rule, so that pictures stay the same. */
const TAO = RAO_PER_TAO;
const BLOCK = 6_204_118;
const HOUR_MS = 3_600_000;
const VALIDATORS = 9;
const owner = ss58('5Hm2PQL1pRcAYrz4tFbX8GqYeUnVdE6sKJ3hWwCxTv9A9tKf');

const alpha = (amount: number) => alphaRao(BigInt(Math.round(amount * 1e9)));
const tao = (amount: number) => rao(BigInt(Math.round(amount * 1e9)));
/** Always the same, and looks like none. */
const wobble = (n: number): number => {
  const x = Math.sin(n * 12.9898) * 43_758.5453;
  return x - Math.floor(x);
};

const LETTERS = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
const addressOf = (uid: number, salt: number): Ss58 =>
  ss58(
    `5${Array.from({ length: 47 }, (_, i) => LETTERS[Math.floor(wobble(uid * 53 + i * 7 + salt) * LETTERS.length)]).join('')}`,
  );

export function neuronRows(count: number, mine: number | null): NeuronRow[] {
  return Array.from({ length: count }, (_, uid) => {
    const isValidator = uid < VALIDATORS && uid !== mine;
    const rank = (uid * 61) % count;
    const earns = !isValidator && rank < count * 0.7;
    const incentive = earns ? Math.round(2_600 * Math.exp(-rank / (count / 6)) + 2) : 0;
    return {
      uid,
      hotkey: uid === mine ? me : addressOf(uid, 1),
      coldkey: addressOf(Math.floor(uid / 2), 2),
      validatorPermit: isValidator,
      active: true,
      registeredAt: BLOCK - 900 - Math.floor(wobble(uid) * 220_000),
      lastUpdate: isValidator ? BLOCK - 40 - uid * 31 : 0,
      incentive,
      dividends: isValidator ? Math.round(65_535 * (0.3 / (uid + 1))) : 0,
      emissionAlpha: alpha(isValidator ? 30 / (uid + 1) : incentive * 0.0022),
      stakeAlpha: alpha(isValidator ? 240_000 / (uid + 1) : 2 + wobble(uid + 9) * 900),
    };
  });
}

export function history(nowMs: number, days = 30): SubnetPoint[] {
  const points = days * 8;
  return Array.from({ length: points }, (_, i) => {
    const wave = Math.sin(i / 19) * 0.0013 + Math.sin(i / 5.3) * 0.0004 + wobble(i) * 0.0002;
    return {
      block: BLOCK - (points - i) * 900,
      atMs: nowMs - (points - i) * 3 * HOUR_MS,
      priceRao: tao(0.0183 + wave + (i / points) * 0.0009),
      taoIn: tao(18_000 + i),
      taoInEmission: tao(0.0027),
      burnRao: tao(0.31 + wobble(i) * 1.4),
      volumeRao: tao(50_000 + i * 114),
      miners: 40 + Math.round((i / points) * 207),
      validators: VALIDATORS,
    };
  }).filter((_, i) => i < 120 || i > 133);
}

/** My place on it. */
export const own = ({ place }: SubnetView): SubnetPlace => {
  if (!place) throw new Error('the scene has no place');
  return place;
};

/** A real subnet with all its places taken, and a place of mine somewhere in the middle. */
export function fullSubnet(nowMs: number, count = 256): SubnetView {
  const mine = 23;
  const neurons = neuronRows(count, mine);
  const rules = {
    immunityPeriod: 5_000,
    minNonImmuneUids: 10,
    immuneOwnerUids: 1,
    ownerColdkey: owner,
    ownerHotkey: null,
  };
  return {
    netuid: 38,
    block: BLOCK,
    atMs: nowMs - 4_000,
    blockMs: 12_000,
    identity: {
      name: 'Distributed Training',
      ownerColdkey: owner,
      ownerHotkey: addressOf(0, 1),
      expectedName: 'Distributed Training',
      expectedOwner: owner,
      foreign: null,
      ownerSeenSince: 3_791_204,
      launchedAt: 3_411_007,
      emissionSince: 3_418_300,
      links: [
        { kind: 'repository', url: 'https://example.org/distributed-training' },
        { kind: 'website', url: 'https://training.example.org/' },
      ],
      contact: 'hello@training.example.org',
      description: 'Many small machines train one large language model together.',
    },
    rules: {
      tempo: 360,
      immunityPeriod: 5_000,
      maxUids: 256,
      maxValidators: 64,
      minAllowedWeights: 1,
      weightsRateLimit: 100,
      activityCutoff: 5_000,
      servingRateLimit: 50,
      commitReveal: true,
      revealPeriodEpochs: 1,
      liquidAlpha: false,
      yumaVersion: 3,
      transfersEnabled: true,
      kappa: 32_767,
      bondsMovingAverage: 900_000,
    },
    market: {
      priceRao: tao(0.018993),
      movingPriceRao: tao(0.017411),
      taoIn: tao(18_204.4),
      alphaIn: alpha(958_430),
      alphaOut: alpha(2_438_211.5),
      taoPoolWeight: null,
      volumeRao: tao(50_000 + 240 * 114 + 60),
      taoInEmission: tao(0.00275),
      alphaInEmission: alpha(0.15),
      alphaOutEmission: alpha(1),
      ownerCut: 11_796,
      rootProportion: 0.19,
      rootTaoRao: tao(6_100_000),
      taoWeight: 0.18,
      issuedRao: tao(10_700_000),
      minerBurned: null,
      sale: { soldAlpha: alpha(100), receivedRao: tao(1.8972) },
    },
    registration: {
      priceRao: tao(1.204),
      minRao: tao(0.0005),
      maxRao: tao(100),
      isAllowed: true,
      halfLifeBlocks: 360,
      fullUntil: null,
      lowestRao: tao(0.31),
      lowestSinceMs: nowMs - 7 * 24 * HOUR_MS,
    },
    neurons,
    pruneOrder: pruneOrder(neurons, rules, BLOCK),
    isAsleep: false,
    place: {
      hotkey: me,
      coldkey,
      uid: mine,
      lost: null,
      axon: '203.0.113.7:4001',
      commitment: { block: BLOCK - 8_112, fields: ['bf1:9f3ca1d4e0b2:k2Zq8'] },
    },
    lending: neurons.slice(0, VALIDATORS).map(({ uid, hotkey }) => ({
      uid,
      hotkey,
      epochs: 138,
      uptime: 1 - uid * 0.014,
      apr: 0.39 - uid * 0.011,
      apy: 0.48 - uid * 0.017,
      perThousandADay: alpha(1.07 - uid * 0.03),
      take: 0.18,
      sinceMs: nowMs - 7 * 24 * HOUR_MS,
    })),
    history: history(nowMs),
    moves: [
      {
        block: BLOCK - 900,
        atMs: nowMs - 3 * HOUR_MS,
        hotkey: addressOf(2, 1),
        coldkey: addressOf(40, 2),
        alpha: 12_000n * TAO,
      },
      {
        block: BLOCK - 21_000,
        atMs: nowMs - 70 * HOUR_MS,
        hotkey: addressOf(1, 1),
        coldkey: addressOf(41, 2),
        alpha: -41_200n * TAO,
      },
    ],
    others: Array.from({ length: 127 }, (_, i) => ({
      netuid: i < 38 ? i + 1 : i + 2,
      name: `Subnet ${i + 1}`,
      taoInEmission: tao(0.04 * Math.exp(-i / 14)),
      movingPriceRao: tao(0.2 * Math.exp(-i / 20)),
    })),
    mark: { mark: 6, atMs: nowMs - 9 * 24 * HOUR_MS },
  };
}

/** A practice of a few minutes: five neurons, two epochs, much that is not known yet. */
export function youngSubnet(nowMs: number): SubnetView {
  const full = fullSubnet(nowMs, 5);
  const neurons = full.neurons.map((one, i) => ({
    ...one,
    hotkey: i === 3 ? me : one.hotkey,
    validatorPermit: i === 0,
    registeredAt: 40 + i,
    incentive: i === 0 ? 0 : 16_000 + i * 200,
    emissionAlpha: alpha(i === 0 ? 4.1 : 1.02),
    stakeAlpha: alpha(i === 0 ? 61 : 3.4),
  }));
  return {
    ...full,
    block: 214,
    blockMs: 1_000,
    identity: {
      ...full.identity,
      name: 'Butterfly practice',
      expectedName: 'Butterfly practice',
      ownerSeenSince: 41,
      launchedAt: 0,
      links: [],
      contact: null,
      description: null,
    },
    rules: full.rules && { ...full.rules, tempo: 10, immunityPeriod: 4_096 },
    market: {
      ...full.market,
      priceRao: tao(1.0021),
      movingPriceRao: tao(0),
      taoIn: tao(1_000),
      alphaIn: alpha(998),
      alphaOut: alpha(402),
      issuedRao: tao(2_000),
      taoInEmission: tao(0),
      rootProportion: 0,
      volumeRao: tao(12),
      sale: { soldAlpha: alpha(100), receivedRao: tao(91.04) },
    },
    neurons,
    pruneOrder: [1, 2, 3, 4],
    place: { ...own(full), uid: 3, axon: null, commitment: { block: 52, fields: ['0x62663101a4'] } },
    lending: [],
    history: full.history.slice(-2).map((point, i) => ({
      ...point,
      block: 190 + i * 11,
      atMs: nowMs - (2 - i) * 11_000,
      priceRao: tao(1 + i / 1_000),
      miners: 4,
      validators: 1,
      volumeRao: tao(2 + i),
    })),
    moves: [],
    others: [],
    mark: null,
  };
}

/** A runtime that says little: nothing that is not known may look like zero. */
export function quietSubnet(nowMs: number): SubnetView {
  const full = fullSubnet(nowMs, 24);
  const market = Object.fromEntries(Object.keys(full.market).map((name) => [name, null]));
  return {
    ...full,
    rules: null,
    market: market as unknown as SubnetView['market'],
    registration: null,
    pruneOrder: null,
    lending: [],
    history: [],
    moves: [],
    others: null,
    mark: null,
    place: { ...own(full), axon: null, commitment: null },
    identity: {
      ...full.identity,
      launchedAt: null,
      ownerSeenSince: null,
      links: [],
      contact: null,
      description: null,
    },
  };
}

export function foreignSubnet(nowMs: number): SubnetView {
  const full = fullSubnet(nowMs);
  const found = 'Cat pictures';
  return {
    ...full,
    identity: {
      ...full.identity,
      name: found,
      foreign: {
        code: 'CHAIN_IDENTITY_MISMATCH',
        params: { netuid: 38, expected: 'Distributed Training', found },
      },
    },
  };
}

export function lostPlace(nowMs: number): SubnetView {
  const full = fullSubnet(nowMs);
  const holder = addressOf(23, 5);
  return {
    ...full,
    neurons: full.neurons.map((one) =>
      one.uid === 23 ? { ...one, hotkey: holder, registeredAt: BLOCK - 311 } : one,
    ),
    place: {
      ...own(full),
      uid: null,
      axon: null,
      commitment: null,
      lost: { uid: 23, holder, block: BLOCK - 311 },
    },
  };
}
