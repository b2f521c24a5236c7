import * as v from 'valibot';
import {
  type AlphaRao,
  alphaRao,
  type Hex,
  RAO_PER_TAO,
  type Rao,
  rao,
  type Ss58,
} from '../../../src-shared/units.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, type Query, readMany, smallUint, storageItem } from '../storage.ts';
import { accountOf } from './subnet.ts';

/**
 * A subnet's pool, what it is given and what it pays, in the state of one block; null where the runtime keeps no such
 * item. Emission is of one block.
 */
export interface Market {
  readonly taoIn: Rao | null;
  readonly alphaIn: AlphaRao | null;
  readonly alphaOut: AlphaRao | null;
  /** Of the pool's TAO side, 0..1; null where both sides weigh the same. */
  readonly taoPoolWeight: number | null;
  readonly volumeRao: Rao | null;
  readonly taoInEmission: Rao | null;
  readonly alphaInEmission: AlphaRao | null;
  readonly alphaOutEmission: AlphaRao | null;
  readonly movingPriceRao: Rao | null;
  /** Of 65,535. */
  readonly ownerCut: number | null;
  readonly rootProportion: number | null;
  readonly rootTaoRao: Rao | null;
  readonly taoWeight: number | null;
  readonly issuedRao: Rao | null;
  readonly minerBurned: number | null;
  readonly registeredAt: number | null;
  readonly maxUids: number | null;
  readonly ownerHotkey: Ss58 | null;
  /** The block of the last epoch that ended; null where there was none. */
  readonly epochBlock: number | null;
}

const fixed = v.object({ bits: anyUint });
const ROOT = 0;

/** One request: what is kept of the subnet, and what is kept once for the chain. */
export async function readMarket(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<Market> {
  const asked = {
    SubnetTAO: [netuid],
    SubnetAlphaIn: [netuid],
    SubnetAlphaOut: [netuid],
    SubnetVolume: [netuid],
    SubnetTaoInEmission: [netuid],
    SubnetAlphaInEmission: [netuid],
    SubnetAlphaOutEmission: [netuid],
    SubnetMovingPrice: [netuid],
    RootProp: [netuid],
    MinerBurned: [netuid],
    NetworkRegisteredAt: [netuid],
    MaxAllowedUids: [netuid],
    SubnetOwnerHotkey: [netuid],
    LastEpochBlock: [netuid],
    LastMechansimStepBlock: [netuid],
    SubnetOwnerCut: [],
    TaoWeight: [],
    TotalIssuance: [],
  } as const;
  const names = Object.keys(asked) as (keyof typeof asked)[];
  const queries = names.flatMap((name) => {
    const item = storageItem(session, 'SubtensorModule', name);
    return item ? [{ name, item, args: asked[name] }] : [];
  });
  const balancer = storageItem(session, 'Swap', 'SwapBalancer');
  const rootTao = storageItem(session, 'SubtensorModule', 'SubnetTAO');
  const beside: Query[] = [
    ...(rootTao ? [{ item: rootTao, args: [ROOT] }] : []),
    ...(balancer ? [{ item: balancer, args: [netuid] }] : []),
  ];
  const values = await readMany(session, [...queries, ...beside], at, signal);
  const plain = values.map((value) => value?.toPrimitive() ?? null);
  const found = new Map(queries.map(({ name }, i) => [name, plain[i] ?? null]));
  const of = <T>(name: keyof typeof asked, told: (value: unknown) => T): T | null => {
    const value = found.get(name);
    return value === undefined || value === null ? null : told(value);
  };
  const tao = (value: unknown) => rao(parse(anyUint, value));
  const alpha = (value: unknown) => alphaRao(parse(anyUint, value));
  const count = (value: unknown) => parse(smallUint, value);
  const bits32 = (value: unknown) => Number(parse(fixed, value).bits) / 2 ** 32;
  const epochBlock = of('LastEpochBlock', count) ?? of('LastMechansimStepBlock', count);
  return {
    taoIn: of('SubnetTAO', tao),
    alphaIn: of('SubnetAlphaIn', alpha),
    alphaOut: of('SubnetAlphaOut', alpha),
    taoPoolWeight: balancer ? quoteWeight(plain.at(-1)) : null,
    volumeRao: of('SubnetVolume', tao),
    taoInEmission: of('SubnetTaoInEmission', tao),
    alphaInEmission: of('SubnetAlphaInEmission', alpha),
    alphaOutEmission: of('SubnetAlphaOutEmission', alpha),
    movingPriceRao: of('SubnetMovingPrice', (value) => rao((parse(fixed, value).bits * RAO_PER_TAO) >> 32n)),
    ownerCut: of('SubnetOwnerCut', count),
    rootProportion: of('RootProp', bits32),
    rootTaoRao: rootTao ? tao(plain[queries.length]) : null,
    taoWeight: of('TaoWeight', (value) => Number(parse(anyUint, value)) / 2 ** 64),
    issuedRao: of('TotalIssuance', tao),
    minerBurned: of('MinerBurned', bits32),
    registeredAt: of('NetworkRegisteredAt', count),
    maxUids: of('MaxAllowedUids', count),
    ownerHotkey: of('SubnetOwnerHotkey', accountOf),
    // The chain keeps zero before the first one.
    epochBlock: epochBlock || null,
  };
}

/** A Perquintill, plain or in a struct by the newer pallet's name of it. */
function quoteWeight(value: unknown): number | null {
  const quintill = v.pipe(
    v.union([
      anyUint,
      v.pipe(
        v.object({ quote: anyUint }),
        v.transform(({ quote }) => quote),
      ),
    ]),
    v.transform((parts) => Number(parts) / 1e18),
  );
  const read = v.safeParse(quintill, value);
  return read.success && read.output > 0 && read.output < 1 ? read.output : null;
}

/**
 * What selling so much alpha now would bring, fee and its own pull on the price included.
 * @returns null where the runtime has no such call, or no quote: it answers zeros for any error
 */
export async function readSale(
  session: Session,
  netuid: number,
  alpha: AlphaRao,
  at: Hex,
  signal: AbortSignal,
): Promise<Rao | null> {
  const args = [netuid, alpha];
  const found = await callRuntime(session, 'SwapRuntimeApi', 'sim_swap_alpha_for_tao', args, at, signal);
  if (found === undefined) return null;
  const { taoAmount } = parse(v.object({ taoAmount: anyUint }), found);
  return taoAmount === 0n ? null : rao(taoAmount);
}

/** What the last epoch paid to the stake on these hotkeys, their own take left out, and what they take. */
export interface Dividends {
  readonly hotkey: Ss58;
  readonly dividends: AlphaRao;
  /** 0..1; null where the runtime does not say. */
  readonly take: number | null;
}

export async function readDividends(
  session: Session,
  netuid: number,
  hotkeys: readonly Ss58[],
  at: Hex,
  signal: AbortSignal,
): Promise<readonly Dividends[]> {
  const paid = storageItem(session, 'SubtensorModule', 'AlphaDividendsPerSubnet');
  const takes = storageItem(session, 'SubtensorModule', 'Delegates');
  if (!paid || hotkeys.length === 0) return [];
  const queries: Query[] = [
    ...hotkeys.map((hotkey) => ({ item: paid, args: [netuid, hotkey] })),
    ...(takes ? hotkeys.map((hotkey) => ({ item: takes, args: [hotkey] })) : []),
  ];
  const values = await readMany(session, queries, at, signal);
  return hotkeys.map((hotkey, i) => {
    const take = values[hotkeys.length + i];
    return {
      hotkey,
      dividends: alphaRao(parse(anyUint, values[i]?.toPrimitive())),
      take: take ? parse(smallUint, take.toPrimitive()) / 65_535 : null,
    };
  });
}
