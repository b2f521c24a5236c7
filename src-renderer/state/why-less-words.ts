import type {
  Change,
  LessOfValidator,
  OwnEvent,
  TermChange,
} from '../../src-shared/contract/page/why-less.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import { peerFaultWords } from '../../src-shared/rounds/peer-faults.ts';
import { formatCount, formatPart, formatTime } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import { reasonSentence } from './why-words.ts';

/** What this computer went through, as a sentence. */
export function ownEventSentence(event: OwnEvent): string {
  switch (event.kind) {
    case 'round':
      return inRound(event.round, reasonSentence(event.reason));
    case 'exchange':
      return inRound(event.round, exchangeSentences(event).join(' '));
    case 'slower':
      return t('less.event.slower', {
        round: formatCount(event.round),
        now: formatCount(Math.round(event.tokensPerSecond)),
        before: formatCount(Math.round(event.before)),
      });
    case 'told':
      return t('less.event.told', {
        time: formatTime(event.atMs),
        sentence: describeError(event.error).sentence,
      });
  }
}

type Exchange = Extract<OwnEvent, { kind: 'exchange' }>;

function exchangeSentences({ takenShare, returnedShare, fault }: Exchange): readonly string[] {
  const said: string[] = [];
  if (fault) said.push(t('less.event.fault', { fault: peerFaultWords[fault] }));
  if (takenShare === 0) said.push(t('less.event.noneTaken'));
  else if (takenShare !== null && takenShare < 1)
    said.push(t('less.event.taken', { share: formatPart(takenShare) }));
  if (returnedShare !== null && returnedShare < 1)
    said.push(t('less.event.returned', { share: formatPart(returnedShare) }));
  return said;
}

const inRound = (round: number, sentence: string): string =>
  t('less.event.round', { round: formatCount(round), sentence });

/** Below this a part neither cost nor brought anything to speak of. */
const NOTHING = 0.005;

/**
 * The parts that moved the score, those that cost most first; rounding alone moves none. Where two became 0 at once none by
 * itself would bring the score back, and all that fell are told.
 */
export function movedTerms({
  terms,
  total,
}: Pick<LessOfValidator, 'terms' | 'total'>): readonly TermChange[] {
  const moved = terms.filter(({ cost }) => Math.abs(cost) >= NOTHING).toSorted((a, b) => b.cost - a.cost);
  const hasFallen = ({ before, now }: Change) => before !== null && now !== null && before - now >= NOTHING;
  return moved.length === 0 && hasFallen(total) ? terms.filter(hasFallen) : moved;
}
