import type { Notice, WhileAway, WrongClock } from '../../src-shared/contract/page/app.ts';
import type { RunId, RunView, View } from '../../src-shared/contract/page/sections.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';
import { formatAlpha, formatCount, formatDuration, formatTime, shortAddress } from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';
import { runName } from './shown-run.ts';

/** Something told at the head of a screen: what is so, what to do, and a button where the page can do it. */
export interface Line {
  readonly id: string;
  readonly level: Notice['level'];
  /** Which run it is about, where that is not plain from what is shown. */
  readonly of: string | null;
  readonly sentence: string;
  readonly action: string;
  readonly atMs: number | null;
  /** What the button does, and to which run; null where there is nothing for the page to do. */
  readonly offer: { readonly kind: 'keep-running' | 'start-over'; readonly run: RunId } | null;
  /** Where closing it is noted; null: it stays while it is so. */
  readonly closes: 'notice' | 'away' | 'page' | null;
}

/** What is to be told now, the most pressing first. */
export const linesOf = (view: View, shown: readonly [RunId, RunView] | null): readonly Line[] => [
  ...(view.clock ? [clockLine(view.clock)] : []),
  ...view.notices.map((notice) => noticeLine(notice, view)),
  ...(shown ? stopLine(shown) : []),
  ...(shown ? continuesLine(shown) : []),
  ...(view.away ? [awayLine(view.away)] : []),
];

function noticeLine({ id, level, error, atMs, run }: Notice, view: View): Line {
  const facts = run === null ? null : factsOf(view, run);
  const startsOver = endsOnlyByStartingOver.has(error.code) && facts?.controls.includes('start-over');
  return {
    id,
    level,
    of: run === null ? null : nameWhereDoubtful(view, run),
    ...describeError(error),
    atMs,
    offer: startsOver && run !== null ? { kind: 'start-over', run } : null,
    closes: 'notice',
  };
}

/** The notices that say something of this run: its own, and those of the host. */
export const noticesAbout = (id: RunId, notices: readonly Notice[]): readonly Notice[] =>
  notices.filter(({ run }) => run === null || run === id);

const factsOf = (view: View, id: RunId) =>
  view.runs[id]?.facts ?? view.stopped.find((one) => one.id === id) ?? null;

/** null for the one run there is: nothing else can be meant. */
function nameWhereDoubtful(view: View, id: RunId): string | null {
  const stopped = view.runs[id] ? [] : view.stopped.map((one) => one.id);
  if ([...Object.keys(view.runs), ...stopped].every((one) => one === id)) return null;
  const facts = factsOf(view, id);
  const address = shortAddress(id);
  if (!facts) return address;
  return t('notice.of', { name: runName(facts), address });
}

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
    of: null,
    sentence: offByMs > 0 ? t('clock.ahead', { span }) : t('clock.behind', { span }),
    action: t('clock.next'),
    atMs: null,
    offer: null,
    closes: null,
  };
}

function stopLine([id, { stopsAfterRound }]: readonly [RunId, RunView]): readonly Line[] {
  if (stopsAfterRound === null) return [];
  return [
    {
      id: 'stops',
      level: 'info',
      of: null,
      sentence: t('stop.comes', { round: formatCount(stopsAfterRound) }),
      action: t('stop.until'),
      atMs: null,
      offer: { kind: 'keep-running', run: id },
      closes: null,
    },
  ];
}

/** After a restart: where the run goes on. */
function continuesLine([id, { facts, worker }]: readonly [RunId, RunView]): readonly Line[] {
  if (facts.continuesAtRound === null) return [];
  const params = { profile: facts.profile, round: formatCount(facts.continuesAtRound) };
  return [
    {
      id: `continues-${id}-${facts.startedAtMs}`,
      level: 'info',
      of: null,
      sentence: t('runs.continues', params),
      action: worker.kind === 'paused' && worker.reason === 'user' ? t('runs.continuesPaused') : '',
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
    of: null,
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
