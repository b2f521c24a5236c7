import * as v from 'valibot';
import { defineContract } from './child.ts';
import { address, count, path, shortText } from './fields.ts';

/** The practice chain: a Subtensor-like chain behind a JSON-RPC WebSocket on 127.0.0.1. Amounts are rao. */
/** 2^63 - 1: what the accounts and pools of a new chain may hold together, so that no sum of its rules leaves 64 bits. */
const ISSUED_MAX = (1n << 63n) - 1n;
/** Time between blocks that the chain can keep up with, and that somebody would wait for. */
export const BLOCK_MS_MIN = 50;
export const BLOCK_MS_MAX = 600_000;
/** Nobody waits for a chain that rests longer. */
const REST_MS_MAX = 600_000;
/** Releases of Subtensor’s runtime whose rules the practice chain knows, rising. */
export const DEVNET_SPECS = [393, 425] as const;
export type DevnetSpec = (typeof DEVNET_SPECS)[number];
const amount = v.pipe(v.bigint(), v.minValue(0n), v.maxValue(ISSUED_MAX));
const blockMs = v.pipe(count, v.minValue(BLOCK_MS_MIN), v.maxValue(BLOCK_MS_MAX));
const u16 = v.pipe(count, v.maxValue(65_535));
const positiveU16 = v.pipe(u16, v.minValue(1));

export const devnetAccountSchema = v.object({ ss58: address, freeRao: amount });

/** A neuron that is there from the start, with stake behind it: what a chain of one's own may begin with. */
export const devnetNeuronSchema = v.object({
  hotkey: address,
  coldkey: address,
  stakeAlpha: v.optional(amount, 0n),
  validatorPermit: v.optional(v.boolean(), false),
});

/** A subnet at genesis. The owner's hotkey holds uid 0, as on the real chain. Times are in blocks. */
export const devnetSubnetSchema = v.object({
  // Above it stand the numbers of a subnet's further mechanisms.
  netuid: v.pipe(u16, v.minValue(1), v.maxValue(4_095)),
  name: shortText,
  description: v.optional(shortText, ''),
  ownerColdkey: address,
  ownerHotkey: address,
  tempo: v.optional(positiveU16, 10),
  /** Weights are committed under a time lock and opened by the chain, as on mainnet; or said openly. */
  commitReveal: v.optional(v.boolean(), false),
  revealPeriodEpochs: v.optional(v.pipe(positiveU16, v.maxValue(100)), 1),
  weightsSetRateLimit: v.optional(count, 5),
  /** The real chain's default is 50; a practice round has 20 blocks. */
  servingRateLimit: v.optional(count, 5),
  immunityPeriod: v.optional(u16, 100),
  /** While no more than this many neurons are past immunity, the immune are pruned instead. */
  minNonImmuneUids: v.optional(u16, 10),
  activityCutoff: v.optional(positiveU16, 5_000),
  burnRao: v.optional(amount, 100_000_000n),
  minBurnRao: v.optional(amount, 500_000n),
  maxBurnRao: v.optional(amount, 100_000_000_000n),
  adjustmentIntervalBlocks: v.optional(positiveU16, 100),
  /** On the real chain 1 and 2; a practice swarm registers all at once. */
  maxRegistrationsPerBlock: v.optional(positiveU16, 64),
  targetRegistrationsPerInterval: v.optional(positiveU16, 64),
  taoReserveRao: v.pipe(amount, v.minValue(1n)),
  alphaReserveRao: v.pipe(amount, v.minValue(1n)),
  /** Rao of TAO for 1 alpha: what the average begins with. From 0 it needs weeks of the real chain's blocks. */
  movingPriceRao: v.optional(amount, 0n),
  maxUids: v.optional(v.pipe(positiveU16, v.maxValue(256)), 256),
  maxValidators: v.optional(positiveU16, 64),
  minAllowedWeights: v.optional(u16, 1),
  /** They hold uid 1 and up. */
  neurons: v.optional(v.pipe(v.array(devnetNeuronSchema), v.maxLength(255)), []),
});

const devnetInit = v.object({
  /** Where blocks are kept; null keeps them in memory only. */
  dataDir: v.nullable(path),
  /** 0 takes any free port. */
  port: v.pipe(count, v.maxValue(65_535)),
  /** Enters the genesis hash: another seed is another chain. */
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Whose rules a new chain begins with. An old one has those of its last upgrade. */
  specVersion: v.optional(v.picklist(DEVNET_SPECS), 393),
  /** Time between blocks of a new chain; an old one keeps the pace that it was last given. Null seals on request only. */
  blockMs: v.nullable(blockMs),
  /** A chain that has begun waits at most so long for the word to go on, or for a transaction, before its next block. */
  restMs: v.optional(v.pipe(count, v.maxValue(REST_MS_MAX)), 0),
  /** Finalized is the head less so many blocks. */
  finalityLag: v.optional(v.pipe(count, v.maxValue(64)), 1),
  genesisTimeMs: count,
  /** Opens the devnet_* methods. */
  controlToken: v.pipe(v.string(), v.minLength(16), v.maxLength(256)),
  /** The real chain refuses loopback axons; a practice swarm has no others. */
  refuseLoopbackAxons: v.optional(v.boolean(), false),
  /** Layout of the weights under a time lock that the chain takes. Clients of another one commit them by their hash. */
  commitRevealVersion: v.optional(u16, 4),
  /** What stays on somebody else's hotkey is worth so many millionths of the least order, or is taken out whole. */
  nominationPerMillion: v.optional(amount, 0n),
  accounts: v.pipe(v.array(devnetAccountSchema), v.maxLength(4_096)),
  subnets: v.pipe(v.array(devnetSubnetSchema), v.maxLength(64)),
});

/** Alpha of one subnet: in its pool, and staked. */
const alphaIn = ({ alphaReserveRao, neurons }: v.InferOutput<typeof devnetSubnetSchema>): bigint =>
  neurons.reduce((sum, { stakeAlpha }) => sum + stakeAlpha, alphaReserveRao);
const issuedIn = ({ accounts, subnets }: v.InferOutput<typeof devnetInit>): bigint =>
  [...accounts.map(({ freeRao }) => freeRao), ...subnets.map(({ taoReserveRao }) => taoReserveRao)].reduce(
    (sum, rao) => sum + rao,
    0n,
  );

export const devnetInitSchema = v.pipe(
  devnetInit,
  v.check((init) => issuedIn(init) <= ISSUED_MAX, 'more TAO than a chain can hold'),
  v.check(
    ({ subnets }) => subnets.every((subnet) => alphaIn(subnet) <= ISSUED_MAX),
    'more alpha than a subnet can hold',
  ),
);

export type DevnetInit = v.InferOutput<typeof devnetInitSchema>;
/** What a caller has to give: fields with defaults may be left out. */
export type DevnetOptions = v.InferInput<typeof devnetInitSchema>;
export type DevnetSubnet = v.InferOutput<typeof devnetSubnetSchema>;

export type DevnetContract = typeof devnetContract;
export const devnetContract = defineContract({
  init: devnetInitSchema,
  ready: v.object({
    url: v.string(),
    genesisHash: v.string(),
    /** Whether the chain was there before this start. */
    hasBegun: v.boolean(),
    /** The pace that holds; null where blocks are sealed on request. */
    blockMs: v.nullable(count),
    /** Blocks that were on disk once and are gone for good, both included: others may know what this chain does not. */
    lost: v.nullable(v.object({ fromBlock: count, toBlock: count })),
  }),
  calls: {
    /** Seals one block now. @returns its number. */
    sealBlock: { params: v.undefined(), result: count },
    /** Slows or quickens the chain from the next block on, over restarts too. */
    setBlockMs: { params: v.object({ blockMs }), result: v.undefined() },
    /** Ends the rest of a chain that was begun with one; nothing where it is over. */
    goOn: { params: v.undefined(), result: v.undefined() },
  },
  events: {
    /** The time between blocks has changed. */
    pace: v.object({ blockMs: count }),
  },
});
