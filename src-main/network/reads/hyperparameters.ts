import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { type Hex, type Rao, rao } from '../../../src-shared/units.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, camelCase, parse, smallUint } from '../storage.ts';

/** The rules of a subnet that its owner turns. Spans are blocks; shares are of 65,535. */
export interface Hyperparameters {
  /** null where the runtime does not say: later ones do not use it. */
  readonly rho: number | null;
  readonly kappa: number;
  readonly tempo: number;
  readonly immunityPeriod: number;
  readonly minAllowedWeights: number;
  readonly maxWeightsLimit: number;
  readonly weightsVersion: bigint;
  readonly weightsRateLimit: number;
  readonly activityCutoff: number;
  readonly maxValidators: number;
  readonly servingRateLimit: number;
  readonly bondsMovingAverage: bigint;
  readonly isRegistrationAllowed: boolean;
  readonly minBurnRao: Rao;
  readonly maxBurnRao: Rao;
  readonly commitReveal: boolean;
  readonly revealPeriodEpochs: number;
  readonly liquidAlpha: boolean;
  readonly alphaLow: number;
  readonly alphaHigh: number;
  /** null where the runtime does not say. */
  readonly yumaVersion: number | null;
  readonly transfersEnabled: boolean | null;
  readonly isActive: boolean | null;
}

/** Newest first; a runtime that has none of them cannot be read by this page. */
const METHODS = ['get_subnet_hyperparams_v3', 'get_subnet_hyperparams_v2', 'get_subnet_hyperparams'] as const;
/** The newest names each setting, in whatever order, and may name more than are known here. */
const NAMED = METHODS[0];
const NAMES_MAX = 256;
const namedSchema = v.nullable(
  v.pipe(
    v.array(v.object({ name: v.string(), value: v.record(v.string(), v.unknown()) })),
    v.maxLength(NAMES_MAX),
  ),
);

const answerSchema = v.object({
  rho: v.optional(smallUint),
  kappa: smallUint,
  tempo: smallUint,
  immunityPeriod: smallUint,
  minAllowedWeights: smallUint,
  maxWeightsLimit: smallUint,
  weightsVersion: anyUint,
  weightsRateLimit: smallUint,
  activityCutoff: smallUint,
  maxValidators: smallUint,
  servingRateLimit: smallUint,
  bondsMovingAvg: anyUint,
  registrationAllowed: v.boolean(),
  minBurn: anyUint,
  maxBurn: anyUint,
  commitRevealWeightsEnabled: v.boolean(),
  commitRevealPeriod: smallUint,
  liquidAlphaEnabled: v.boolean(),
  alphaLow: smallUint,
  alphaHigh: smallUint,
  yumaVersion: v.optional(smallUint),
  transfersEnabled: v.optional(v.boolean()),
  subnetIsActive: v.optional(v.boolean()),
});

/**
 * @returns null where there is no such subnet
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE
 */
export async function readHyperparameters(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<Hyperparameters | null> {
  for (const method of METHODS) {
    const found = await callRuntime(session, 'SubnetInfoRuntimeApi', method, [netuid], at, signal);
    if (found === undefined) continue;
    const fields = method === NAMED ? fieldsOf(parse(namedSchema, found)) : found;
    const answer = parse(v.nullable(answerSchema), fields);
    return answer && told(answer);
  }
  throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `SubnetInfoRuntimeApi.${METHODS[0]}` });
}

/** Each value stands in the one kind of number that it is. */
const fieldsOf = (rows: v.InferOutput<typeof namedSchema>): Record<string, unknown> | null =>
  rows && Object.fromEntries(rows.map(({ name, value }) => [camelCase(name), Object.values(value)[0]]));

function told(answer: v.InferOutput<typeof answerSchema>): Hyperparameters {
  const {
    rho,
    bondsMovingAvg,
    registrationAllowed,
    minBurn,
    maxBurn,
    commitRevealWeightsEnabled,
    commitRevealPeriod,
    liquidAlphaEnabled,
    yumaVersion,
    transfersEnabled,
    subnetIsActive,
    ...same
  } = answer;
  return {
    ...same,
    rho: rho ?? null,
    bondsMovingAverage: bondsMovingAvg,
    isRegistrationAllowed: registrationAllowed,
    minBurnRao: rao(minBurn),
    maxBurnRao: rao(maxBurn),
    commitReveal: commitRevealWeightsEnabled,
    revealPeriodEpochs: commitRevealPeriod,
    liquidAlpha: liquidAlphaEnabled,
    yumaVersion: yumaVersion ?? null,
    transfersEnabled: transfersEnabled ?? null,
    isActive: subnetIsActive ?? null,
  };
}
