import type { Notice, WhileAway, WrongClock } from '../../src-shared/contract/page/app.ts';
import type { RunId, RunView, View } from '../../src-shared/contract/page/sections.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import { formatAlpha, formatCount, formatDuration, formatTime } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';

/** Something told at the head of a screen: what is so, what to do, and a button where the page can do it. */
export interface Line {
  readonly id: string;
  readonly level: Notice['level'];
  readonly sentence: string;
  readonly action: string;
  readonly atMs: number | null;
  /** What the button does; null where there is nothing for the page to do. */
  readonly offer: 'keep-running' | 'start-over' | null;
  /** Where closing it is noted; null: it stays while it is so. */
  readonly closes: 'notice' | 'away' | 'page' | null;
}

/** What is to be told now, the most pressing first. */
export const linesOf = (view: View, shown: readonly [RunId, RunView] | null): readonly Line[] => [
  ...(view.clock ? [clockLine(view.clock)] : []),
  ...view.notices.map((notice) => noticeLine(notice, shown?.[1] ?? null)),
  ...(shown && shown[1].stopsAfterRound !== null ? [stopLine(shown[1].stopsAfterRound)] : []),
  ...(shown ? continuesLine(shown) : []),
  ...(view.away ? [awayLine(view.away)] : []),
];

const noticeLine = ({ id, level, error, atMs }: Notice, run: RunView | null): Line => ({
  id,
  level,
  ...describeError(error),
  atMs,
  offer:
    endsOnlyByStartingOver.has(error.code) && run?.facts.controls.includes('start-over')
      ? 'start-over'
      : null,
  closes: 'notice',
});

/** What cannot be mended, only begun anew. */
const endsOnlyByStartingOver: ReadonlySet<ErrorCode> = new Set([
  'DEVNET_STATE_FOREIGN',
  'DEVNET_BLOCKS_LOST',
]);

function clockLine({ offByMs }: WrongClock): Line {
  const span = formatDuration(Math.abs(offByMs));
  return {
    id: 'clock',
    level: 'attention',
    sentence: offByMs > 0 ? t('clock.ahead', { span }) : t('clock.behind', { span }),
    action: t('clock.next'),
    atMs: null,
    offer: null,
    closes: null,
  };
}

const stopLine = (round: number): Line => ({
  id: 'stops',
  level: 'info',
  sentence: t('stop.comes', { round: formatCount(round) }),
  action: t('stop.until'),
  atMs: null,
  offer: 'keep-running',
  closes: null,
});

/** After a restart: where the run goes on. */
function continuesLine([id, { facts, worker }]: readonly [RunId, RunView]): readonly Line[] {
  if (facts.continuesAtRound === null) return [];
  const params = { profile: facts.profile, round: formatCount(facts.continuesAtRound) };
  return [
    {
      id: `continues-${id}-${facts.startedAtMs}`,
      level: 'info',
      sentence: t('runs.continues', params),
      action: worker.kind === 'paused' ? t('runs.continuesPaused') : '',
      atMs: null,
      offer: null,
      closes: 'page',
    },
  ];
}

/** "While you were away, from 22:10 to 07:45: 41 rounds committed, 2 void, α 3.2185 earned, no faults." */
export function awayLine({ fromMs, toMs, committed, void: voided, payAlpha, faults }: WhileAway): Line {
  const parts = [
    plural('gone.committed', committed, formatCount(committed)),
    ...(voided > 0 ? [plural('gone.void', voided, formatCount(voided))] : []),
    payAlpha === null ? t('gone.payUnknown') : t('gone.pay', { amount: formatAlpha(payAlpha) }),
    ...(faults.length === 0 ? [t('gone.noFaults')] : []),
  ];
  return {
    id: 'away',
    level: faults.length > 0 ? 'attention' : 'info',
    sentence: t('gone.sentence', {
      span: formatDuration(toMs - fromMs),
      from: formatTime(fromMs),
      facts: parts.join(', '),
    }),
    action: faults.map((fault) => describeError(fault).sentence).join(' '),
    atMs: null,
    offer: null,
    closes: 'away',
  };
}
