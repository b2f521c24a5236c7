import type { CodedError } from '../../errors/app-error.ts';
import type { AlphaRao, Rao, Ss58 } from '../../units.ts';

/**
 * What a subnet was in the state of one block, as far as the screen Subnet goes. `null` is "not known", by this runtime
 * or yet. Amounts of emission are of one block.
 */
export interface SubnetView {
  readonly netuid: number;
  readonly block: number;
  readonly atMs: number;
  /** How long a block takes here lately. */
  readonly blockMs: number;
  readonly identity: SubnetIdentity;
  readonly rules: SubnetRules | null;
  readonly market: SubnetMarket;
  readonly registration: RegistrationPrice | null;
  /** At most `SUBNET_ROWS_MAX`, by uid. */
  readonly neurons: readonly NeuronRow[];
  /** Uids in the order in which newcomers get them; null where the runtime does not say by which rules. */
  readonly pruneOrder: readonly number[] | null;
  /** null: it is looked at for nobody. */
  readonly place: SubnetPlace | null;
  /** Validators by what they returned to those who lend to them, of the epochs that this computer saw. */
  readonly lending: readonly LendingRow[];
  /** The oldest first; times without a point are not known. */
  readonly history: readonly SubnetPoint[];
  /** Large stake moves that this computer saw, the newest first. */
  readonly moves: readonly StakeMoveSeen[];
  /** All subnets of the chain but this one and root, by what they draw; null while not read. */
  readonly others: readonly OtherSubnet[] | null;
  readonly mark: OwnMark | null;
  /** Its chain stands still with its run: this is what was seen last. */
  readonly isAsleep: boolean;
}

/** What is looked at: the subnet of a run, working or stopped, or any of a network, without a place on it. */
export type SubnetSubject =
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'netuid'; readonly network: string; readonly netuid: number };

/** A subnet of a network, to be chosen. */
export interface ListedSubnet {
  readonly netuid: number;
  readonly name: string;
  /** Rao for one alpha; null where the runtime does not say. */
  readonly priceRao: Rao | null;
}

export const SUBNET_ROWS_MAX = 1_024;

export interface SubnetIdentity {
  readonly name: string | null;
  readonly ownerColdkey: Ss58 | null;
  readonly ownerHotkey: Ss58 | null;
  /** What it was joined as; null accepts any. */
  readonly expectedName: string | null;
  readonly expectedOwner: Ss58 | null;
  /** Why it is not what was joined. */
  readonly foreign: CodedError | null;
  /** The block from which on this computer has seen this owner. */
  readonly ownerSeenSince: number | null;
  readonly launchedAt: number | null;
  /** The block of its first emission; null before the owner started it. */
  readonly emissionSince: number | null;
  /** By its own word on chain. Only addresses of the web. */
  readonly links: readonly {
    readonly kind: 'repository' | 'website' | 'discord' | 'logo';
    readonly url: string;
  }[];
  readonly contact: string | null;
  readonly description: string | null;
}

/** Spans are blocks. */
export interface SubnetRules {
  readonly tempo: number;
  readonly immunityPeriod: number;
  readonly maxUids: number | null;
  readonly maxValidators: number;
  readonly minAllowedWeights: number;
  readonly weightsRateLimit: number;
  readonly activityCutoff: number;
  readonly servingRateLimit: number;
  readonly commitReveal: boolean;
  readonly revealPeriodEpochs: number;
  readonly liquidAlpha: boolean;
  readonly yumaVersion: number | null;
  readonly transfersEnabled: boolean | null;
  readonly kappa: number;
  readonly bondsMovingAverage: number;
}

export interface SubnetMarket {
  /** Rao for one alpha. */
  readonly priceRao: Rao | null;
  /** Smoothed over weeks: what emission goes by, and no price to trade at. */
  readonly movingPriceRao: Rao | null;
  readonly taoIn: Rao | null;
  readonly alphaIn: AlphaRao | null;
  /** What circulates. */
  readonly alphaOut: AlphaRao | null;
  /** Of the TAO side of the pool; null where both sides weigh the same. */
  readonly taoPoolWeight: number | null;
  /** All that was ever traded. */
  readonly volumeRao: Rao | null;
  readonly taoInEmission: Rao | null;
  readonly alphaInEmission: AlphaRao | null;
  readonly alphaOutEmission: AlphaRao | null;
  /** Of 65,535. */
  readonly ownerCut: number | null;
  /** As the chain keeps it, 0..1. */
  readonly rootProportion: number | null;
  readonly rootTaoRao: Rao | null;
  /** Of a TAO on root against an alpha, 0..1. */
  readonly taoWeight: number | null;
  /** All TAO there is, as the chain counts it. */
  readonly issuedRao: Rao | null;
  /** The part of the miners' pay that goes to the owner's own hotkeys and is burnt, 0..1. */
  readonly minerBurned: number | null;
  /** What selling `soldAlpha` now would bring, simulated by the chain. */
  readonly sale: { readonly soldAlpha: AlphaRao; readonly receivedRao: Rao } | null;
}

export interface RegistrationPrice {
  readonly priceRao: Rao;
  readonly minRao: Rao;
  readonly maxRao: Rao;
  readonly isAllowed: boolean;
  /** The price halves in so many blocks; null where it goes by intervals. */
  readonly halfLifeBlocks: number | null;
  /** No registration is taken before this block; null: nothing stands in the way. */
  readonly fullUntil: number | null;
  /** The lowest of the points of the last week; null without any. */
  readonly lowestRao: Rao | null;
  readonly lowestSinceMs: number | null;
}

export interface NeuronRow {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  readonly validatorPermit: boolean;
  readonly active: boolean;
  readonly registeredAt: number;
  readonly lastUpdate: number;
  /** u16 shares of the last epoch. */
  readonly incentive: number;
  readonly dividends: number;
  /** Of the last epoch. */
  readonly emissionAlpha: AlphaRao;
  readonly stakeAlpha: AlphaRao;
}

/** The hotkey whose run this is, and its place. */
export interface SubnetPlace {
  readonly hotkey: Ss58;
  /** Who would pay for a place; null where it is not known here. */
  readonly coldkey: Ss58 | null;
  readonly uid: number | null;
  /** Its last place belongs to somebody else now. */
  readonly lost: { readonly uid: number; readonly holder: Ss58 | null; readonly block: number | null } | null;
  /** Where it says that it answers; null: nowhere. */
  readonly axon: string | null;
  /** What it has written on chain, as text where it is one. */
  readonly commitment: { readonly block: number; readonly fields: readonly string[] } | null;
}

export interface LendingRow {
  readonly uid: number;
  readonly hotkey: Ss58;
  readonly epochs: number;
  /** Share of the epochs that paid. */
  readonly uptime: number;
  readonly apr: number;
  /** null: so much that a year of it is no number any more. */
  readonly apy: number | null;
  readonly perThousandADay: AlphaRao;
  /** What it keeps for itself, 0..1. */
  readonly take: number | null;
  readonly sinceMs: number;
}

/** A subnet as it was at one time. */
export interface SubnetPoint {
  readonly block: number;
  readonly atMs: number;
  readonly priceRao: Rao | null;
  readonly taoIn: Rao | null;
  readonly taoInEmission: Rao | null;
  readonly burnRao: Rao | null;
  readonly volumeRao: Rao | null;
  readonly miners: number | null;
  readonly validators: number | null;
}

export interface StakeMoveSeen {
  readonly block: number;
  readonly atMs: number;
  readonly hotkey: Ss58;
  readonly coldkey: Ss58;
  /** Positive where stake came. */
  readonly alpha: bigint;
}

export interface OtherSubnet {
  readonly netuid: number;
  readonly name: string;
  readonly taoInEmission: Rao;
  readonly movingPriceRao: Rao;
}

/** What its user thinks of risk against reward, 0 to 10. Nobody computes it. */
export interface OwnMark {
  readonly mark: number;
  readonly atMs: number;
}
