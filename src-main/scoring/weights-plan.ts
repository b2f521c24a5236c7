import type { WeightsHeld, WeightsPlan, WeightsRow } from '../../src-shared/contract/page/weights-plan.ts';
import { hasSetWeights } from '../../src-shared/economics/roles.ts';
import {
  brokenAverages,
  evidenceSince,
  ruledWeights,
  type Seen,
  type UidAverage,
} from '../../src-shared/scoring/weights.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Neuron, SubnetFacts } from '../network/chain.ts';
import type { WeightsSet } from './last-weights.ts';

/** What a hotkey has earned, and what that rests on. Its uid is the chain's to say, when weights are made. */
export interface HotkeyAverage extends Seen {
  readonly hotkey: Ss58;
  /** null before anything was measured. */
  readonly average: number | null;
}

/** What weights are made from, in the state of one block. */
export interface PlanGround {
  readonly block: number;
  readonly neurons: readonly Neuron[];
  readonly subnet: SubnetFacts;
  /** The validator's own. */
  readonly hotkey: Ss58;
  readonly averages: readonly HotkeyAverage[];
  /** Evidence counts for so many blocks. */
  readonly evidenceBlocks: number;
}

export interface MadeWeights {
  /** By uid, for the hotkeys that hold these uids in that block; empty where they are held. */
  readonly weights: WeightsSet['weights'];
  readonly held: WeightsHeld | null;
  /** Uids whose average is no number. */
  readonly broken: readonly number[];
}

/**
 * The weights of a block, or why there are none. Nothing is made of thin evidence: of the miners seen at work in the
 * last blocks at least three, or all where there are fewer, must have been checked in them (docs/decisions/0084).
 */
export function makeWeights(ground: PlanGround): MadeWeights {
  const { block, neurons, subnet, hotkey, averages, evidenceBlocks } = ground;
  const own = neurons.find((neuron) => neuron.hotkey === hotkey);
  if (!own) return none({ code: 'not-registered', params: {} });
  const byUid = averagesOf(neurons, averages);
  const broken = brokenAverages(byUid);
  const registered = new Set(neurons.map((neuron) => neuron.hotkey));
  const ofNow = averages.filter((one) => registered.has(one.hotkey));
  const { checked, needed } = evidenceSince(ofNow, block - evidenceBlocks);
  if (checked < needed) {
    const params = { checked, needed, blocks: evidenceBlocks };
    return none({ code: 'thin-evidence', params }, broken);
  }
  const others = neurons.map(({ uid }) => uid).filter((uid) => uid !== own.uid);
  const rules = { minAllowed: subnet.minAllowedWeights, maxLimit: subnet.maxWeightsLimit };
  const made = ruledWeights(byUid, [...others, own.uid], rules);
  if (made.kind === 'nothing-earned') return none({ code: 'nothing-earned', params: {} }, broken);
  if (made.kind === 'below-minimum') {
    const params = { needed: made.needed, uids: made.earned };
    return none({ code: 'below-minimum', params }, broken);
  }
  const holders = new Map(neurons.map((neuron) => [neuron.uid, neuron.hotkey]));
  const weights = made.weights.map((one) => ({ ...one, hotkey: holders.get(one.uid) ?? hotkey }));
  return { weights, held: null, broken };
}

const none = (held: WeightsHeld, broken: readonly number[] = []): MadeWeights => ({
  weights: [],
  held,
  broken,
});

/** By the uids that the hotkeys hold there. Who holds none is left out, and nobody inherits from who held theirs. */
function averagesOf(neurons: readonly Neuron[], averages: readonly HotkeyAverage[]): readonly UidAverage[] {
  const uids = new Map(neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  return averages.flatMap(({ hotkey, average }) => {
    const uid = uids.get(hotkey);
    return uid === undefined ? [] : [{ uid, average }];
  });
}

/** For people: what would be set in this block, beside the last. Signs and sends nothing. */
export function planOf(ground: PlanGround, last: WeightsSet | null): WeightsPlan {
  const { block, neurons, subnet, hotkey } = ground;
  const made = makeWeights(ground);
  const own = neurons.find((neuron) => neuron.hotkey === hotkey);
  return {
    block,
    held: made.held ?? (own ? refusal(own, subnet, block) : null),
    rows: rowsOf(made.weights, last, neurons),
    versionKey: subnet.weightsVersion,
    isHidden: subnet.commitReveal,
    // A registration counts as an update of its own.
    lastUpdate: own && hasSetWeights(own) ? own.lastUpdate : 0,
    inactiveFrom: inactiveFrom(own?.lastUpdate ?? 0, subnet),
  };
}

/** The chain's own reasons to take none now. */
function refusal(own: Neuron, subnet: SubnetFacts, block: number): WeightsHeld | null {
  const isOwners = subnet.ownerColdkey !== null && own.coldkey === subnet.ownerColdkey;
  if (!own.validatorPermit && !isOwners) return { code: 'no-permit', params: {} };
  const from = own.lastUpdate === 0 ? 0 : own.lastUpdate + subnet.weightsSetRateLimit + 1;
  return block < from ? { code: 'too-soon', params: { block: from } } : null;
}

/** The chain looks back so many blocks for weights before it counts a validator as inactive. */
export const inactiveFrom = (
  lastUpdate: number,
  { activityCutoff }: Pick<SubnetFacts, 'activityCutoff'>,
): number => lastUpdate + activityCutoff + 1;

function rowsOf(
  weights: WeightsSet['weights'],
  last: WeightsSet | null,
  neurons: readonly Neuron[],
): readonly WeightsRow[] {
  const before = new Map(last?.weights.map((one) => [one.hotkey, one]));
  const sum = sumOf(weights);
  const sumBefore = sumOf(last?.weights ?? []);
  const named = new Set(weights.map(({ hotkey }) => hotkey));
  const uids = new Map(neurons.map(({ hotkey, uid }) => [hotkey, uid]));
  const lost = (last?.weights ?? []).flatMap(({ hotkey }) => {
    const uid = uids.get(hotkey);
    return uid === undefined || named.has(hotkey) ? [] : [{ uid, hotkey, weight: 0 }];
  });
  return [...weights, ...(weights.length > 0 ? lost : [])]
    .map((one) => {
      const was = before.get(one.hotkey);
      return {
        ...one,
        share: sum === 0 ? 0 : one.weight / sum,
        before: was === undefined ? null : sumBefore === 0 ? 0 : was.weight / sumBefore,
      };
    })
    .sort((a, b) => b.weight - a.weight || a.uid - b.uid);
}

const sumOf = (weights: WeightsSet['weights']): number =>
  weights.reduce((sum, { weight }) => sum + weight, 0);
