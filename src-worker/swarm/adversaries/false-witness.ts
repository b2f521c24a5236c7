import { turnedDigest } from '../../../src-shared/contract/adversary.ts';
import type { ResultsVote, Roster } from '../../../src-shared/rounds/messages.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { Twist } from './saying-otherwise.ts';

/**
 * A witness that votes for what is not so: rosters without their last member, lists of results that nobody has, bases
 * that nobody computed. What it writes on chain is as false (src-main/adversaries/false-witness.ts).
 */
export const votingFalsely: Twist = (kind, payload) => {
  if (kind === 'roster') {
    const roster = payload as Roster;
    return { ...roster, members: roster.members.slice(0, -1) } as Roster;
  }
  if (kind === 'results') {
    const vote = payload as ResultsVote;
    return { ...vote, resultsDigest: turnedDigest(vote.resultsDigest) } as ResultsVote;
  }
  if (kind === 'result') {
    const { resultId, baseDigest } = payload as { resultId: Hex; baseDigest: Hex; round: number };
    return { ...payload, resultId: turnedDigest(resultId), baseDigest: turnedDigest(baseDigest) };
  }
  return payload;
};
