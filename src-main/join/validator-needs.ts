import type {
  Need,
  NeedCode,
  NeedId,
  NeedState,
  ValidatorNeeds,
} from '../../src-shared/contract/page/validation.ts';
import type { Reachability } from '../../src-shared/contract/reachability.ts';
import type { Seat } from '../../src-shared/economics/seat.ts';
import { formatAmount, type Rao, taoText } from '../../src-shared/units.ts';

/** What is known of a run whose user may want to validate. Amounts are of one block's state. */
export interface NeedFacts {
  readonly way: ValidatorNeeds['way'];
  /** Of the hotkey that would validate; null: it has no place yet. */
  readonly uid: number | null;
  readonly seat: Seat;
  /** What a place costs, and what would be staked; 0 where nothing is bought. */
  readonly placeRao: Rao;
  readonly stakeRao: Rao;
  /** null: it could not be read. */
  readonly freeRao: Rao | null;
  /** Whether others reach this computer; null for a run that none from outside it can reach. */
  readonly reachability: Pick<Reachability, 'state'> | null;
  /** Bytes that a validator writes beyond what lies here, and what is free; null where nobody can tell. */
  readonly disk: { readonly bytes: number; readonly freeBytes: number | null };
  readonly engine: {
    /** To check one miner; null before anything was measured. */
    readonly checkMs: number | null;
    /** Who was heard to contribute since this run's start. */
    readonly miners: number;
    /** What a round leaves for it. */
    readonly roomMs: number;
  };
}

/** What it takes to validate, each by itself. Pure. */
export function validatorNeeds(facts: NeedFacts): ValidatorNeeds {
  const needs = [placeOf(facts), permitOf(facts), portOf(facts), diskOf(facts), engineOf(facts)];
  const stands = (id: NeedId) => needs.find((need) => need.id === id)?.state;
  const isBeside = facts.way === 'beside';
  return {
    way: facts.way,
    needs,
    costs: {
      registrationRao: facts.uid === null && isBeside ? facts.placeRao : null,
      stakeRao: isBeside ? facts.stakeRao : null,
      freeRao: facts.freeRao,
    },
    // A port that is not reached, and a slow engine, make a poor validator, but one.
    mayBegin: stands('place') !== 'not-met' && stands('permit') !== 'not-met' && stands('disk') !== 'not-met',
  };
}

const need = (id: NeedId, state: NeedState, code: NeedCode, params: Need['said']['params'] = {}): Need => ({
  ...{ id, state },
  said: { code, params },
});

function placeOf({ way, uid, placeRao, stakeRao, freeRao }: NeedFacts): Need {
  if (uid !== null) return need('place', 'met', 'place.held', { uid });
  const cost = taoText(placeRao);
  if (way === 'instead') return need('place', 'not-met', 'place.lost', { cost });
  if (freeRao === null) return need('place', 'unknown', 'place.bought', { cost });
  const isThere = stakeRao > 0n && placeRao + stakeRao <= freeRao;
  return isThere
    ? need('place', 'met', 'place.bought', { cost })
    : need('place', 'not-met', 'place.none', { cost });
}

function permitOf({ way, seat, stakeRao }: NeedFacts): Need {
  const { hasPermit, permits, places, gapAlpha, lowestAlpha } = seat;
  if (hasPermit) return need('permit', 'met', 'permit.held', { permits });
  if (places === null) return need('permit', 'unknown', 'permit.unknown');
  const stakes = way === 'beside' ? stakeRao : seat.stakeAlpha;
  if (gapAlpha === 0n)
    return need('permit', stakes > 0n ? 'met' : 'not-met', 'permit.free', { permits, places });
  const params = { gap: formatAmount(gapAlpha, 4), lowest: formatAmount(lowestAlpha ?? 0n, 4), places };
  // What the stake buys is known once it is bought: the chain says then whether it is enough.
  return way === 'beside'
    ? need('permit', 'unknown', 'permit.by-stake', params)
    : need('permit', 'not-met', 'permit.lacking', params);
}

function portOf({ way, reachability }: NeedFacts): Need {
  if (!reachability)
    return way === 'beside'
      ? need('port', 'met', 'port.this-computer')
      : need('port', 'unknown', 'port.unknown');
  switch (reachability.state) {
    case 'public':
    case 'mapped':
      return need('port', 'met', 'port.reached');
    case 'relayed':
      return need('port', 'met', 'port.by-others');
    case 'blocked':
      return need('port', 'not-met', 'port.blocked');
    case 'unknown':
      return need('port', 'unknown', 'port.unknown');
  }
}

function diskOf({ way, disk: { bytes, freeBytes } }: NeedFacts): Need {
  if (way === 'instead') return need('disk', 'met', 'disk.there');
  if (freeBytes === null) return need('disk', 'unknown', 'disk.unknown', { bytes });
  const params = { bytes, freeBytes };
  return freeBytes < bytes
    ? need('disk', 'not-met', 'disk.full', params)
    : need('disk', 'met', 'disk.enough', params);
}

function engineOf({ engine: { checkMs, miners, roomMs } }: NeedFacts): Need {
  if (checkMs === null) return need('engine', 'unknown', 'engine.unknown');
  if (miners === 0 && checkMs <= roomMs) return need('engine', 'met', 'engine.alone', { checkMs, roomMs });
  const params = { checkMs, allMs: checkMs * Math.max(1, miners), miners: Math.max(1, miners), roomMs };
  return params.allMs <= roomMs
    ? need('engine', 'met', 'engine.fits', params)
    : need('engine', 'not-met', 'engine.slow', params);
}
