import type { WeightsClock } from '../../chain/weights-clock.ts';
import type { Seat } from '../../economics/seat.ts';
import type { AlphaRao, Rao, Ss58 } from '../../units.ts';
import type { Coded } from './runs.ts';

/**
 * A validator on its chain, in the state of one block: this run's own, or the one whose scores a miner reads. What it
 * gives for scores stands in the view. `null` is "not known", by this runtime or yet.
 */
export interface ValidationView {
  readonly validator: Ss58;
  readonly block: number;
  /** By uid. */
  readonly neurons: readonly JudgedNeuron[];
  /** null: it has no place on the subnet. */
  readonly seat: (Seat & { readonly uid: number }) | null;
  readonly clock: WeightsClock | null;
  /** Other validators that have weights on chain, the most stake first; null where none can be read. */
  readonly others: readonly OtherValidator[] | null;
  /** Whether the subnet hides weights first: then those of others are of epochs ago. */
  readonly isHidden: boolean;
  /** When each miner was last checked; null: the validator works elsewhere, and does not tell. */
  readonly checks: readonly LastCheck[] | null;
}

/** The newest round in which a miner's gradient was computed again, and when. */
export interface LastCheck {
  readonly hotkey: Ss58;
  readonly round: number;
  readonly atMs: number;
}

/** What the chain says of a uid. Shares are of the last epoch, 0..1; null where the runtime keeps no such figure. */
export interface JudgedNeuron {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly role: 'validator' | 'miner' | 'idle';
  readonly incentive: number;
  readonly consensus: number | null;
  readonly trust: number | null;
}

export interface OtherValidator {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly stakeAlpha: AlphaRao;
  /** Block of its last update. */
  readonly lastUpdate: number;
  /**
   * Rank correlation of the weights that this validator would set now with that one's on chain, -1..1; null where
   * either has no order.
   */
  readonly agreement: number | null;
}

/** Whether something that a validator takes is there. */
export type NeedState = 'met' | 'not-met' | 'unknown';

/** In the order in which they are listed. Params fill the sentences `need.<id>.<state>`. */
export const needIds = ['place', 'permit', 'port', 'disk', 'engine'] as const;
export type NeedId = (typeof needIds)[number];

export interface Need {
  readonly id: NeedId;
  readonly state: NeedState;
  /** Why it is so, and what to do. */
  readonly said: Coded<NeedCode>;
}

export const needCodes = [
  'place.held',
  'place.bought',
  'place.none',
  'place.lost',
  'permit.held',
  'permit.free',
  'permit.by-stake',
  'permit.lacking',
  'permit.unknown',
  'port.reached',
  'port.this-computer',
  'port.by-others',
  'port.blocked',
  'port.unknown',
  'disk.there',
  'disk.enough',
  'disk.full',
  'disk.unknown',
  'engine.alone',
  'engine.fits',
  'engine.slow',
  'engine.unknown',
] as const;
export type NeedCode = (typeof needCodes)[number];

/** What becoming a validator would take of a run, read now. Nothing was begun or paid for it. */
export interface ValidatorNeeds {
  /** `beside`: another hotkey of this computer, and the run goes on; `instead`: this hotkey, which stops mining. */
  readonly way: 'beside' | 'instead';
  readonly needs: readonly Need[];
  readonly costs: {
    /** For a place; null: nothing is bought. */
    readonly registrationRao: Rao | null;
    /** For stake, at most what is at hand; null: nothing is staked by this. */
    readonly stakeRao: Rao | null;
    /** What the coldkey has free; null where it is not known. */
    readonly freeRao: Rao | null;
  };
  /** Whether it may begin: nothing of what it must have is known to be lacking. */
  readonly mayBegin: boolean;
}
