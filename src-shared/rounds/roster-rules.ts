import type { Consensus } from '../profile/schema.ts';
import { cappedWeight, clipExponent, median } from '../reduce/norms.ts';
import { mostChunks, partsCover } from '../reduce/parts.ts';
import type { Hex, Ss58 } from '../units.ts';
import type { Ready, Roster, RosterMember } from './messages.ts';
import { coldkeysOf, composeRoster, fits, type RosterRequest } from './roster.ts';

/** Share of the weight known to be ready that a proposer may not have heard of, or think less of. */
const LEFT_OUT_SHARE = 0.1;

/**
 * What a roster says against the rules by itself: every member checks this before it takes part, whoever signed.
 * @returns null when it keeps them
 */
export function rosterFault(
  { group, reduce }: Pick<Consensus, 'group' | 'reduce'>,
  roster: Roster,
  expected: { readonly round: number; readonly baseId: Hex; readonly chunks: number },
): string | null {
  const { members } = roster;
  const working = workingOf(roster);
  if (roster.round !== expected.round) return 'it is of another round';
  if (roster.baseId !== expected.baseId) return 'it stands on another base';
  if (new Set(members.map(({ hotkey }) => hotkey)).size !== members.length)
    return 'a member stands in it twice';
  if (members.length > group.maxMembers) return 'it has too many members';
  if (working.length < Math.max(1, group.minMembers)) return 'it has too few members';
  if (!partsCover(expected.chunks, members)) return 'its parts do not cover the model';
  const most = mostChunks(expected.chunks, working.length, reduce.commitShare);
  if (members.some(({ weight, chunkCount }) => chunkCount > (weight > 0 ? most : 0)))
    return 'a part is above what one member may reduce';
  return weightFault(roster, working);
}

function weightFault({ medianNorm }: Roster, working: readonly RosterMember[]): string | null {
  const sum = working.reduce((total, { weight }) => total + weight, 0);
  // Of two equal weights neither is below the other: the rule is for groups that may be three.
  if (working.length > 2 && working.some(({ weight }) => 2 * weight >= sum))
    return 'a weight is not below the sum of the others';
  if (medianNorm !== median(working.map(({ norm }) => norm))) return 'its median norm is another';
  const isClipped = ({ norm, clipExponent: e }: RosterMember) => clipExponent(norm, medianNorm) === e;
  return working.every(isClipped) ? null : 'a norm is not clipped by the rule';
}

/**
 * Why a witness does not sign another one's roster; null when it does. It need not be the roster that it would have
 * proposed: it stands on what members signed, keeps the rules, and leaves out, zeroes or lowers at most a tenth of the
 * weight that this witness knows ready.
 * @param known what this witness has heard and would compose its own roster of
 */
export function cosignFault(consensus: Consensus, roster: Roster, known: RosterRequest): string | null {
  const { round, baseId, chunks, silent } = known;
  const fault = rosterFault(consensus, roster, { round, baseId, chunks });
  if (fault) return fault;
  const working = workingOf(roster);
  if (coldkeysOf(working, known) < consensus.group.minColdkeys) return 'it has too few owners';
  const claims = claimsOf(consensus, roster, known);
  if (claims.size < roster.members.length) return 'it lists what its member did not say';
  const medianClaim = median(working.map(({ hotkey }) => claims.get(hotkey)!));
  const most = ({ hotkey }: RosterMember): number =>
    silent.has(hotkey) ? Math.min(1, claims.get(hotkey)!) : cappedWeight(claims.get(hotkey)!, medianClaim);
  if (working.some((member) => member.weight > most(member))) return 'a weight is above what it may be';
  return leftOut(consensus, roster, known, most) ? 'it leaves out too much of what is ready' : null;
}

/**
 * What each listed member asked for, by the Ready that it is listed with. Whoever said several things in one round is
 * listed with whatever its proposer heard: nobody else can have heard all of it, and it would stop every roster.
 */
function claimsOf(consensus: Consensus, roster: Roster, known: RosterRequest): ReadonlyMap<Ss58, number> {
  const claims = new Map<Ss58, number>();
  for (const member of roster.members) {
    const said = known.readies.filter(
      (ready) => ready.hotkey === member.hotkey && fits(ready, known, consensus),
    );
    const claim = said.find((ready) => isSaid(member, ready))?.weight;
    if (claim !== undefined) claims.set(member.hotkey, claim);
    else if (said.length > 1) claims.set(member.hotkey, Math.max(...said.map(({ weight }) => weight)));
  }
  return claims;
}

const isSaid = (member: RosterMember, ready: Ready): boolean =>
  member.root === ready.root &&
  member.workDigest === ready.workDigest &&
  member.norm === ready.norm &&
  member.codec === ready.codec &&
  member.weight <= ready.weight;

/** Whether weight is missing that this witness would have listed; what the caps take is not missing. */
function leftOut(
  consensus: Consensus,
  roster: Roster,
  known: RosterRequest,
  most: (member: RosterMember) => number,
): boolean {
  const own = composeRoster(consensus, known);
  if (!own) return false;
  const listed = new Map(workingOf(roster).map((member) => [member.hotkey, member]));
  const sum = workingOf(roster).reduce((total, { weight }) => total + weight, 0);
  const missing = workingOf(own).map(({ hotkey, weight }) => {
    const theirs = listed.get(hotkey);
    if (!theirs) return weight;
    const allowed = Math.min(weight, most(theirs), Math.max(1, sum - theirs.weight - 1));
    return Math.max(0, allowed - theirs.weight);
  });
  const total = workingOf(own).reduce((ready, { weight }) => ready + weight, 0);
  return missing.reduce((a, c) => a + c, 0) > total * LEFT_OUT_SHARE;
}

const workingOf = ({ members }: Roster): readonly RosterMember[] =>
  members.filter(({ weight }) => weight > 0);
