import type { OwnerRule } from '../contract/page/money.ts';
import type { Consensus } from './schema.ts';

/** Rounds for which a new member is safe: one to prove itself, one that is scored, one until weights say so. */
const IMMUNE_ROUNDS = 3;
/** Rounds after which a validator that set no weights counts as gone. */
const ACTIVE_ROUNDS = 2;
const U16_MAX = 65_535;

export interface RuleChange {
  readonly rule: OwnerRule;
  readonly from: number;
  readonly to: number;
}

/**
 * What of a subnet's rules would keep a run from working there, and the least change of each. Spans are blocks:
 * somebody new must not lose the place before a round could show what they do, and a small group must be able to be
 * weighed at all.
 */
export function neededRules(
  { clock, group }: Pick<Consensus, 'clock' | 'group'>,
  rules: Readonly<Record<OwnerRule, number>>,
): readonly RuleChange[] {
  const least = (rounds: number) => Math.min(rounds * clock.blocksPerRound, U16_MAX);
  const wanted: Readonly<Record<OwnerRule, number>> = {
    immunityPeriod: Math.max(rules.immunityPeriod, least(IMMUNE_ROUNDS)),
    minAllowedWeights: Math.min(rules.minAllowedWeights, group.minMembers),
    activityCutoff: Math.max(rules.activityCutoff, least(ACTIVE_ROUNDS)),
  };
  return (Object.keys(wanted) as OwnerRule[]).flatMap((rule) =>
    wanted[rule] === rules[rule] ? [] : [{ rule, from: rules[rule], to: wanted[rule] }],
  );
}
