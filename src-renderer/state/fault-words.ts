import type { PeerFault } from '../../src-shared/contract/page/runs.ts';
import type { RunId } from '../../src-shared/contract/page/sections.ts';
import type { GroupMember } from '../../src-shared/contract/swarm.ts';
import { peerFaultWords } from '../../src-shared/rounds/peer-faults.ts';
import { formatAgo, formatCount, formatPart, shortAddress } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';

/** What was seen of a peer that did not count, and when. */
export function faultSentence({ fault, round, atMs }: PeerFault, nowMs: number): string {
  const what = peerFaultWords[fault];
  const ago = atMs === null ? null : formatAgo(nowMs - atMs);
  if (round === null) return ago === null ? what : t('peers.faultAgo', { fault: what, ago });
  const n = formatCount(round);
  return ago === null
    ? t('peers.faultRoundOnly', { fault: what, round: n })
    : t('peers.faultRound', { fault: what, round: n, ago });
}

/** What a round came to with one member, in words. */
export function fateSentences({ takenShare, returnedShare, stoodIn, error }: GroupMember): readonly string[] {
  const said: string[] = [];
  if (error) said.push(peerFaultWords[error]);
  if (takenShare !== null) said.push(takenSentence(takenShare));
  if (returnedShare !== null && returnedShare < 1)
    said.push(t('member.returned', { share: formatPart(returnedShare) }));
  if (stoodIn > 0) said.push(plural('member.stoodIn', stoodIn, formatCount(stoodIn)));
  return said;
}

function takenSentence(share: number): string {
  if (share === 0) return t('member.noneTaken');
  return share < 1 ? t('member.taken', { share: formatPart(share) }) : t('member.allTaken');
}

/** The same of those with whom something was amiss, short enough for a list. */
export const amissWords = (group: readonly GroupMember[], self: RunId): string =>
  t('past.amiss', { members: group.map((member) => amissOne(member, self)).join(', ') });

function amissOne({ hotkey, takenShare, returnedShare, error }: GroupMember, self: RunId): string {
  const what = error
    ? peerFaultWords[error].replace(/\.$/, '').toLowerCase()
    : takenShare !== null && takenShare < 1
      ? t('amiss.late', { share: formatPart(takenShare) })
      : t('amiss.returned', { share: formatPart(returnedShare ?? 1) });
  return t('past.amissOne', { member: hotkey === self ? t('swarm.you') : shortAddress(hotkey), what });
}
