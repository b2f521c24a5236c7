import * as v from 'valibot';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import {
  type AlphaRao,
  alphaRao,
  type Hex,
  RAO_PER_TAO,
  type Rao,
  rao,
  type Ss58,
  ss58,
} from '../../../src-shared/units.ts';
import { SUBNETS_MAX } from '../limits.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, smallUint } from '../storage.ts';

/** A subnet's market and emission in the state of one block. Amounts of emission are of one block. */
export interface DynamicInfo {
  readonly netuid: number;
  readonly name: string;
  readonly symbol: string;
  readonly ownerHotkey: Ss58;
  readonly ownerColdkey: Ss58;
  readonly registeredAt: number;
  readonly tempo: number;
  readonly lastStep: number;
  readonly blocksSinceLastStep: number;
  /** The pool's two sides, and what circulates beside it. */
  readonly taoIn: Rao;
  readonly alphaIn: AlphaRao;
  readonly alphaOut: AlphaRao;
  readonly taoInEmission: Rao;
  readonly alphaInEmission: AlphaRao;
  readonly alphaOutEmission: AlphaRao;
  /** Rao for one alpha, smoothed over weeks: what emission goes by, and no price to trade at. */
  readonly movingPriceRao: Rao;
}

const NAME_BYTES_MAX = 1_024;
/** Of the chain's I96F32. */
const FRACTION_BITS = 32n;
/** Text as a vector of bytes; whatever is no UTF-8 shows as such. */
const text = v.pipe(
  v.union([v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))), v.string()]),
  v.maxLength(NAME_BYTES_MAX),
  v.transform((value) =>
    typeof value === 'string' ? value : new TextDecoder().decode(Uint8Array.from(value)),
  ),
);

const infoSchema = v.object({
  netuid: smallUint,
  subnetName: text,
  tokenSymbol: text,
  ownerHotkey: v.string(),
  ownerColdkey: v.string(),
  networkRegisteredAt: smallUint,
  tempo: smallUint,
  lastStep: smallUint,
  blocksSinceLastStep: smallUint,
  taoIn: anyUint,
  alphaIn: anyUint,
  alphaOut: anyUint,
  taoInEmission: anyUint,
  alphaInEmission: anyUint,
  alphaOutEmission: anyUint,
  movingPrice: v.object({ bits: anyUint }),
});
const answerSchema = v.pipe(v.array(v.nullable(infoSchema)), v.maxLength(SUBNETS_MAX));

/**
 * Every subnet, root first.
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE
 */
export async function readAllDynamicInfo(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<readonly DynamicInfo[]> {
  const [api, method] = ['SubnetInfoRuntimeApi', 'get_all_dynamic_info'];
  const found = await callRuntime(session, api, method, [], at, signal);
  if (found === undefined) throw new AppError('CHAIN_CALL_UNAVAILABLE', { call: `${api}.${method}` });
  return parse(answerSchema, found)
    .filter((info) => info !== null)
    .map(told);
}

const told = (info: v.InferOutput<typeof infoSchema>): DynamicInfo => ({
  netuid: info.netuid,
  name: info.subnetName,
  symbol: info.tokenSymbol,
  ownerHotkey: ss58(info.ownerHotkey),
  ownerColdkey: ss58(info.ownerColdkey),
  registeredAt: info.networkRegisteredAt,
  tempo: info.tempo,
  lastStep: info.lastStep,
  blocksSinceLastStep: info.blocksSinceLastStep,
  taoIn: rao(info.taoIn),
  alphaIn: alphaRao(info.alphaIn),
  alphaOut: alphaRao(info.alphaOut),
  taoInEmission: rao(info.taoInEmission),
  alphaInEmission: alphaRao(info.alphaInEmission),
  alphaOutEmission: alphaRao(info.alphaOutEmission),
  movingPriceRao: rao((info.movingPrice.bits * RAO_PER_TAO) >> FRACTION_BITS),
});
