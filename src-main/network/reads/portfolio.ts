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
import { EXITS_AT_ONCE, EXITS_MAX, SUBNETS_MAX } from '../limits.ts';
import { callRuntime } from '../runtime-call.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, readMany, requiredItem, smallUint } from '../storage.ts';
import { existentialDeposit } from './account.ts';
import { readStakes, type Stake } from './stakes.ts';

/** The root network, where alpha is TAO. */
const ROOT = 0;

/** One stake of an account, and what it is worth; on root, alpha is TAO. */
export interface Position extends Stake {
  /** Less than the stake where a part of it is locked. */
  readonly availableAlpha: AlphaRao;
  /** Rao for one alpha; null where the runtime offers no price. */
  readonly priceRao: Rao | null;
  /** What selling all of it would bring, by the chain's own simulation; null: no quote. */
  readonly exitRao: Rao | null;
}

/** All that a coldkey holds, in the state of one block. */
export interface Portfolio {
  readonly freeRao: Rao;
  /** Deposits that the chain holds; null where the runtime does not say. */
  readonly reservedRao: Rao | null;
  /** Of what is free, so much must stay. */
  readonly frozenRao: Rao;
  /** What keeps an account. */
  readonly depositRao: Rao;
  readonly positions: readonly Position[];
}

/** A stake by where it lies. */
export type Place = Pick<Stake, 'netuid' | 'hotkey' | 'stakeAlpha'>;

/**
 * Reads everything at once: what selling would bring is asked in the same frames for the stakes that are expected, and
 * a second time only for those that turned out to be others.
 * @param expected the stakes of the reading before
 * @throws {AppError} CHAIN_CALL_UNAVAILABLE
 */
export async function readPortfolio(
  session: Session,
  coldkey: Ss58,
  expected: readonly Place[],
  at: Hex,
  signal: AbortSignal,
): Promise<Portfolio> {
  const [funds, stakes, available, prices, guessed] = await Promise.all([
    readFunds(session, coldkey, at, signal),
    readStakes(session, coldkey, at, signal),
    readAvailable(session, coldkey, at, signal),
    readAllPrices(session, at, signal),
    readExits(session, expected, at, signal),
  ]);
  const priceOf = (netuid: number): Rao | null =>
    prices.get(netuid) ?? (netuid === ROOT ? rao(RAO_PER_TAO) : null);
  const worth = ({ netuid, stakeAlpha }: Place): bigint => stakeAlpha * (priceOf(netuid) ?? 0n);
  const others = stakes
    .filter((stake) => !guessed.has(exitKey(stake)))
    .toSorted((a, b) => (worth(a) < worth(b) ? 1 : -1));
  const exits = new Map([...guessed, ...(await readExits(session, others, at, signal))]);
  return {
    ...funds,
    positions: stakes.map((stake) => ({
      ...stake,
      availableAlpha: least(stake.stakeAlpha, available.get(stake.netuid)),
      priceRao: priceOf(stake.netuid),
      exitRao: exits.get(exitKey(stake)) ?? null,
    })),
  };
}

const least = (stake: AlphaRao, available: AlphaRao | undefined): AlphaRao =>
  available !== undefined && available < stake ? available : stake;

const accountSchema = v.object({
  data: v.object({ free: anyUint, reserved: v.optional(anyUint), frozen: v.optional(anyUint, 0) }),
});

async function readFunds(
  session: Session,
  coldkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<Omit<Portfolio, 'positions'>> {
  const item = requiredItem(session, 'System', 'Account');
  const [value] = await readMany(session, [{ item, args: [coldkey] }], at, signal);
  const { free, reserved, frozen } = parse(accountSchema, value?.toPrimitive()).data;
  return {
    freeRao: rao(free),
    reservedRao: reserved === undefined ? null : rao(reserved),
    frozenRao: rao(frozen),
    depositRao: existentialDeposit(session),
  };
}

const availableSchema = v.record(v.string(), v.record(v.string(), v.object({ available: anyUint })));

/** What is not locked, by netuid. A subnet that is not named has no lock; a runtime without the call knows none. */
async function readAvailable(
  session: Session,
  coldkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, AlphaRao>> {
  const [api, method] = ['StakeInfoRuntimeApi', 'get_stake_availability_for_coldkeys'];
  const found = await callRuntime(session, api, method, [[coldkey], null], at, signal);
  if (found === undefined) return new Map();
  const own = parse(availableSchema, found)[coldkey] ?? {};
  return new Map(Object.entries(own).map(([netuid, { available }]) => [Number(netuid), alphaRao(available)]));
}

const pricesSchema = v.pipe(
  v.array(v.object({ netuid: smallUint, price: anyUint })),
  v.maxLength(SUBNETS_MAX),
);

/** Rao for one alpha, by netuid; empty where the runtime does not name them together. */
export async function readAllPrices(
  session: Session,
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Rao>> {
  const found = await callRuntime(session, 'SwapRuntimeApi', 'current_alpha_price_all', [], at, signal);
  if (found === undefined) return new Map();
  return new Map(parse(pricesSchema, found).map(({ netuid, price }) => [netuid, rao(price)]));
}

const exitKey = ({ netuid, stakeAlpha }: Place): string => `${netuid}/${stakeAlpha}`;

/** What selling each would bring, so many at a time that other reads get through in between. */
async function readExits(
  session: Session,
  places: readonly Place[],
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Rao | null>> {
  const asked = [...new Map(places.slice(0, EXITS_MAX).map((place) => [exitKey(place), place]))];
  const found = new Map<string, Rao | null>();
  for (let from = 0; from < asked.length; from += EXITS_AT_ONCE)
    await Promise.all(
      asked
        .slice(from, from + EXITS_AT_ONCE)
        .map(async ([key, place]) => found.set(key, await readExit(session, place, at, signal))),
    );
  return found;
}

const exitSchema = v.object({ taoAmount: anyUint });

/** null: the simulation answers zero, which is "no quote" and no price; or the runtime has none. */
async function readExit(
  session: Session,
  { netuid, stakeAlpha }: Place,
  at: Hex,
  signal: AbortSignal,
): Promise<Rao | null> {
  const args = [netuid, stakeAlpha];
  const found = await callRuntime(session, 'SwapRuntimeApi', 'sim_swap_alpha_for_tao', args, at, signal);
  if (found === undefined) return null;
  const { taoAmount } = parse(exitSchema, found);
  return taoAmount === 0n ? null : rao(taoAmount);
}
