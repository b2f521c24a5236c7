import type { LessOfValidator, OwnEvent, TermChange } from '../../src-shared/contract/page/why-less.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import { formatCount, formatTime } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import { fateSentences } from './fault-words.ts';
import { reasonSentence } from './why-words.ts';

/** What this computer went through, as a sentence. */
export function ownEventSentence(event: OwnEvent): string {
  switch (event.kind) {
    case 'round':
      return inRound(event.round, reasonSentence(event.reason));
    case 'exchange': {
      const { takenShare, returnedShare, fault } = event;
      const fate = { hotkey: '' as never, takenShare, returnedShare, stoodIn: 0, error: fault };
      return inRound(event.round, fateSentences(fate).join(' '));
    }
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

const inRound = (round: number, sentence: string): string =>
  t('less.event.round', { round: formatCount(round), sentence });

/** Below this a part neither cost nor brought anything to speak of. */
const NOTHING = 0.005;

/** The parts that moved the score, those that cost most first; rounding alone moves none. */
export const movedTerms = ({ terms }: Pick<LessOfValidator, 'terms'>): readonly TermChange[] =>
  terms.filter(({ cost }) => Math.abs(cost) >= NOTHING).toSorted((a, b) => b.cost - a.cost);
