import type { Consensus } from '../../../src-shared/profile/schema.ts';
import { hasMember } from '../../../src-shared/reduce/bitmap.ts';
import type { ResultsList } from '../../../src-shared/rounds/results-list.ts';
import {
  coveredShare,
  listFault,
  proposeResults,
  type ResultsKnown,
  signListFault,
} from '../../../src-shared/rounds/results-rules.ts';
import type { SimMember } from './sim-member.ts';

/** What a round came to (ROUNDS sections 5 and 6). */
export interface Concluded {
  /** Why it is void; null when it was committed. */
  readonly voided: 'list' | 'members' | null;
  /** Share of all elements that have a result. */
  readonly covered: number;
  /** Of each member in roster order, the share of chunks with a result that hold its values; null without weight. */
  readonly taken: readonly (number | null)[];
  /** Bytes that each member sent and received. */
  readonly bytes: readonly number[];
  /** When each member had all that it could have, in ms after the roster came to it; null for who was lost. */
  readonly overMs: readonly (number | null)[];
}

/**
 * The list that witnesses agree on, and whether members of more than half of the contributed weight are left to say the
 * same. Where no validator is among the members, they all are witnesses.
 */
export function conclude(members: readonly SimMember[], consensus: Consensus): Concluded {
  const { plan } = members[0]!;
  const there = members.filter(({ isGone }) => !isGone);
  const validators = there.filter(({ plan: { self, weights } }) => weights[self!] === 0);
  const hasValidators = plan.weights.includes(0);
  const list = agreedList(hasValidators ? validators : there, consensus);
  const shown = list ?? proposeResults(known(there[0]!, consensus));
  return {
    voided: list === null ? 'list' : hasMajority(list, members) ? null : 'members',
    covered: coveredShare(shown, plan.grid),
    taken: plan.weights.map((weight, i) => (weight === 0 ? null : takenOf(shown, i))),
    bytes: members.map((member) => bytesOf(member)),
    overMs: members.map(({ isGone, overAtMs, roundMs, nowMs }) =>
      isGone || overAtMs === null ? null : overAtMs - (nowMs - roundMs),
    ),
  };
}

/** The first one's list that more than half of them sign; null for none. */
function agreedList(witnesses: readonly SimMember[], consensus: Consensus): ResultsList | null {
  for (const proposer of witnesses) {
    const list = proposeResults(known(proposer, consensus));
    if (listFault(list, known(proposer, consensus))) continue;
    const signed = witnesses.filter((one) => signListFault(list, known(one, consensus)) === null);
    if (2 * signed.length > witnesses.length) return list;
  }
  return null;
}

const known = (member: SimMember, { reduce }: Consensus): ResultsKnown => ({
  ...{ grid: member.plan.grid, commitShare: reduce.commitShare, weights: member.plan.weights },
  reducerOf: (chunk) => member.plan.reducerOf(chunk),
  standbyOf: (chunk) => member.plan.standbyOf(chunk),
  held: (chunk) => [member.held(chunk)].filter((leaf) => leaf !== null),
});

/** Whether those that contributed by the list and are still there are more than half of its weight. */
function hasMajority(list: ResultsList, members: readonly SimMember[]): boolean {
  const weightOf = (of: readonly SimMember[]) =>
    of.reduce((sum, { plan }) => sum + plan.weights[plan.self!]!, 0);
  const contributed = members.filter(({ plan }) =>
    list.some((leaf) => leaf && hasMember(leaf.contributors, plan.self!)),
  );
  return 2 * weightOf(contributed.filter(({ isGone }) => !isGone)) > weightOf(contributed);
}

function takenOf(list: ResultsList, member: number): number {
  const results = list.filter((leaf) => leaf !== null);
  return results.filter(({ contributors }) => hasMember(contributors, member)).length / results.length;
}

const bytesOf = ({ lines }: SimMember): number =>
  [...lines.values()].reduce((sum, { sentBytes, receivedBytes }) => sum + sentBytes + receivedBytes, 0);
