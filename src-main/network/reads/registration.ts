import * as v from 'valibot';
import { type Hex, type Rao, rao } from '../../../src-shared/units.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, smallUint } from '../storage.ts';
import { readItems } from './items.ts';

/** What a place on a subnet costs, and what may keep somebody out of it, in the state of one block. */
export interface Registration {
  readonly burnRao: Rao;
  /** The price never leaves these. */
  readonly minBurnRao: Rao;
  readonly maxBurnRao: Rao;
  readonly isAllowed: boolean;
  /** Up to spec 393 the price is set anew after each interval; null where the runtime has none. */
  readonly interval: RegistrationInterval | null;
  /** Later the price halves in so many blocks; null before. */
  readonly halfLifeBlocks: number | null;
}

export interface RegistrationInterval {
  readonly blocks: number;
  readonly lastAdjustedAt: number;
  readonly target: number;
  readonly registered: number;
  readonly registeredThisBlock: number;
  readonly maxPerBlock: number;
}

const NAMES = [
  'Burn',
  'MinBurn',
  'MaxBurn',
  'NetworkRegistrationAllowed',
  'BurnHalfLife',
  'AdjustmentInterval',
  'LastAdjustmentBlock',
  'TargetRegistrationsPerInterval',
  'RegistrationsThisInterval',
  'RegistrationsThisBlock',
  'MaxRegistrationsPerBlock',
] as const;

export async function readRegistration(
  session: Session,
  netuid: number,
  at: Hex,
  signal: AbortSignal,
): Promise<Registration> {
  const found = await readItems(session, NAMES, [netuid], at, signal);
  const amount = (value: unknown) => rao(parse(anyUint, value));
  return {
    burnRao: amount(found.Burn),
    minBurnRao: amount(found.MinBurn),
    maxBurnRao: amount(found.MaxBurn),
    isAllowed: parse(v.boolean(), found.NetworkRegistrationAllowed),
    interval: found.BurnHalfLife === undefined ? intervalOf(found) : null,
    halfLifeBlocks: found.BurnHalfLife === undefined ? null : parse(smallUint, found.BurnHalfLife),
  };
}

function intervalOf(found: Readonly<Record<(typeof NAMES)[number], unknown>>): RegistrationInterval | null {
  if (found.AdjustmentInterval === undefined) return null;
  return {
    blocks: parse(smallUint, found.AdjustmentInterval),
    lastAdjustedAt: parse(smallUint, found.LastAdjustmentBlock),
    target: parse(smallUint, found.TargetRegistrationsPerInterval),
    registered: parse(smallUint, found.RegistrationsThisInterval),
    registeredThisBlock: parse(smallUint, found.RegistrationsThisBlock),
    maxPerBlock: parse(smallUint, found.MaxRegistrationsPerBlock),
  };
}

/** Registrations that an interval takes, as a multiple of those it aims at. */
const INTERVAL_FACTOR = 3;

/**
 * The block from which on a registration can be taken again, after the state of `block`.
 * @returns null where nothing stands in the way, or where the runtime counts none
 */
export function registrationsFullUntil({ interval }: Registration, block: number): number | null {
  if (!interval) return null;
  const { registered, target, lastAdjustedAt, blocks, registeredThisBlock, maxPerBlock } = interval;
  if (registered >= INTERVAL_FACTOR * target) return Math.max(block + 1, lastAdjustedAt + blocks);
  return registeredThisBlock >= maxPerBlock ? block + 1 : null;
}
