import type { Notice } from '../../src-shared/contract/page/app.ts';
import type { StateLoading } from '../../src-shared/contract/page/runs.ts';
import type { RunView } from '../../src-shared/contract/page/sections.ts';
import { describeError } from '../../src-shared/errors/app-error.ts';
import { restSentence } from '../../src-shared/rules/words.ts';
import type { WorkerState } from '../../src-shared/states.ts';
import {
  formatAgo,
  formatAlpha,
  formatBlocks,
  formatBytes,
  formatComing,
  formatCount,
  formatCountdown,
  formatDecimal,
  formatDuration,
  formatTao,
  formatTime,
  UNKNOWN,
} from '../i18n/format.ts';
import { plural, t } from '../i18n/t.ts';
import { isSilent, msUntilBlock, nextRoundBlock } from './round-clock.ts';
import { whySentence } from './why-words.ts';

type Paused = Extract<WorkerState, { kind: 'paused' }>;
export type Tone = 'work' | 'good' | 'attention' | 'fault' | 'quiet' | 'paused';

/** One of the four answers: a word or number, and the line under it. */
export interface Answer {
  readonly question: string;
  readonly tone: Tone | null;
  readonly headline: string;
  /** Stands small beside the headline: "today". */
  readonly aside: string | null;
  readonly detail: string;
}

/** The four answers of the dashboard, in their order. Pure: the same view and time give the same words. */
export const answersOf = (run: RunView, notices: readonly Notice[], nowMs: number): readonly Answer[] => [
  isItWorking(run, nowMs),
  whatAmIEarning(run),
  amISafe(run, notices),
  whatHappensNext(run, nowMs),
];

/** The answers while the host is away: what is not known now must not read as if it were. */
export const answersWhileAway = (
  run: RunView,
  notices: readonly Notice[],
  lastSeenMs: number,
): readonly Answer[] => [
  answer(
    t('answers.working'),
    t('answers.working.away'),
    t('answers.working.lastSeen', { state: stateWord(run), time: formatTime(lastSeenMs) }),
    'attention',
  ),
  whatAmIEarning(run),
  amISafe(run, notices),
  answer(t('answers.next'), t('answers.next.you'), t('answers.next.start')),
];

const answer = (question: string, headline: string, detail: string, tone: Tone | null = null): Answer => ({
  question,
  tone,
  headline,
  aside: null,
  detail,
});

export function isItWorking(run: RunView, nowMs: number): Answer {
  const question = t('answers.working');
  const { worker, chain } = run;
  const busy = worker.kind === 'training' || worker.kind === 'averaging';
  if (chain && busy && isSilent(chain, nowMs))
    return answer(
      question,
      t('answers.working.chainSilent'),
      t('answers.working.lastBlock', { state: stateWord(run), ago: formatAgo(nowMs - chain.finalizedAtMs) }),
      'attention',
    );
  return answer(question, stateWord(run), stateDetail(run, nowMs), stateTone(run));
}

type Doing = Pick<RunView, 'worker' | 'activity' | 'facts'>;

/** The state in a word or two: what the worker is in, and while it works what its trainer does. */
export function stateWord({ worker, activity, facts }: Doing): string {
  if (worker.kind === 'waiting') return t(`state.waiting.${worker.for}`);
  // Its trainer has no steps to take, and says nothing between two checks.
  if (worker.kind === 'training' && !activity && facts.role === 'validator') return t('state.validating');
  if (worker.kind !== 'training' || !activity) return t(`state.${worker.kind}`);
  return activity.kind === 'busy' ? t(`activity.busy.${activity.with}`) : t(`activity.${activity.kind}`);
}

export function stateTone({ worker, activity }: Doing): Tone {
  switch (worker.kind) {
    case 'training':
      return activity?.kind === 'resting' || activity?.kind === 'paused' ? 'quiet' : 'work';
    case 'averaging':
      return 'work';
    case 'paused':
      return 'paused';
    case 'degraded':
    case 'blocked':
      return 'attention';
    case 'failed':
      return 'fault';
    default:
      return 'quiet';
  }
}

/** How far a state is, from how many, how fast, and how long it takes from here on. */
export function loadingLine({
  receivedBytes,
  totalBytes,
  bytesPerSecond,
  peers,
  stores,
}: StateLoading): string {
  const far = t('state.loading.far', { done: formatBytes(receivedBytes), of: formatBytes(totalBytes) });
  const givers = [
    ...(peers > 0 ? [plural('state.loading.peers', peers, formatCount(peers))] : []),
    ...(stores > 0 ? [plural('state.loading.stores', stores, formatCount(stores))] : []),
  ];
  if (givers.length === 0) return `${far} · ${t('state.loading.nobody')}`;
  const line = `${far} ${t('state.loading.from', { givers: givers.join(', ') })}`;
  if (!bytesPerSecond) return line;
  const leftMs = (1_000 * (totalBytes - receivedBytes)) / bytesPerSecond;
  const pace = { rate: formatBytes(bytesPerSecond), left: formatDuration(leftMs) };
  return `${line} · ${t('state.loading.pace', pace)}`;
}

function stateDetail(run: RunView, nowMs: number): string {
  const { worker } = run;
  switch (worker.kind) {
    case 'idle':
      return t('state.idle.detail');
    case 'preparing':
      return t('state.preparing.detail');
    case 'waiting':
      if (worker.error) return describeError(worker.error).sentence;
      if (worker.for === 'state' && run.loading) return loadingLine(run.loading);
      return t(`state.waiting.${worker.for}.detail`);
    case 'paused':
      return restSentence(worker, (ms) => formatComing(ms, nowMs));
    case 'degraded':
    case 'blocked':
    case 'failed':
      return describeError(worker.error).sentence;
    case 'stopping':
      return t('state.stopping.detail');
    default:
      return workLine(run);
  }
}

function workLine({ training, round, activity, text, facts }: RunView): string {
  const parts: string[] = [];
  // A rate of before is no rate of now: it stands there only while steps are taken.
  const isStepping = activity === null || activity.kind === 'training';
  if (isStepping && training?.tokensPerSecond != null)
    parts.push(t('work.rate', { rate: formatCount(training.tokensPerSecond) }));
  // Before the start the clock counts negative rounds; they are nobody's.
  if (round && round.round >= 0 && training)
    parts.push(placeLine(round.round, training.innerStep, activity?.kind === 'resting'));
  if (parts.length === 0) parts.push(t(facts.role === 'validator' ? 'work.checks' : 'work.firstStep'));
  // What is missing comes first: the line may be cut.
  const isLacking = text !== null && (text.wait !== null || text.isUnassigned);
  return (isLacking ? [...textParts(text), ...parts] : [...parts, ...textParts(text)]).join(' · ');
}

/** Where text is fetched: why none comes, what is trained on instead, and what lies here. */
function textParts(text: RunView['text']): string[] {
  if (!text) return [];
  const { wait, isUnassigned, keptBytes } = text;
  if (!wait && !isUnassigned)
    return keptBytes > 0 ? [t('work.textKept', { bytes: formatBytes(keptBytes) })] : [];
  const parts: string[] = [];
  const place = wait && { host: wait.host, time: formatTime(wait.untilMs) };
  if (place) parts.push(t(wait.reason === 'rate-limit' ? 'work.textWaits' : 'work.textOut', place));
  if (isUnassigned) parts.push(t('work.textUnassigned'));
  return parts;
}

const placeLine = (round: number, innerStep: number, isDone: boolean): string =>
  isDone
    ? t('work.done', { round: formatCount(round), steps: formatCount(innerStep) })
    : t('work.place', { round: formatCount(round), step: formatCount(innerStep) });

export function whatAmIEarning({ earnings, chain }: RunView): Answer {
  const question = t('answers.earning');
  if (!earnings) return answer(question, UNKNOWN, t('answers.earning.unknown'));
  const wait = blocksUntilPay(earnings.nextEpochBlock, chain?.block ?? null);
  if (earnings.todayAlpha === 0n)
    return answer(
      question,
      t('answers.earning.nothing'),
      wait === null
        ? t('answers.earning.firstUnknown')
        : t('answers.earning.first', { blocks: formatBlocks(wait) }),
    );
  const worth =
    earnings.todayRao === null ? t('answers.earning.noPrice') : `≈ ${formatTao(earnings.todayRao)}`;
  const last = earnings.lastEpoch
    ? ` · ${t('answers.earning.last', { amount: formatAlpha(earnings.lastEpoch.alpha) })}`
    : '';
  return {
    ...answer(question, formatAlpha(earnings.todayAlpha), `${worth}${last}`),
    aside: t('answers.earning.today'),
  };
}

function blocksUntilPay(nextEpochBlock: number | null, block: number | null): number | null {
  return nextEpochBlock === null || block === null ? null : Math.max(0, nextEpochBlock - block);
}

export function amISafe(run: RunView, notices: readonly Notice[]): Answer {
  const question = t('answers.safe');
  // The fault that stopped the work is told under "Is it working?"; here it would hide what became of one's place.
  const told = 'error' in run.worker ? run.worker.error.code : null;
  const fault = notices.find(({ level, error }) => level === 'fault' && error.code !== told);
  if (fault) return answer(question, t('answers.safe.look'), describeError(fault.error).sentence, 'fault');
  const { wallet } = run;
  if (!wallet) return answer(question, UNKNOWN, t('answers.safe.unknown'));
  if (wallet.uid === null) return answer(question, t('answers.safe.unregistered'), t('answers.safe.noPlace'));
  if (run.worker.kind === 'paused')
    return answer(
      question,
      t('answers.safe.paused'),
      t('answers.safe.pausedDetail', { uid: wallet.uid }),
      'paused',
    );
  const refused = refusedGradient(run);
  if (refused) return answer(question, t('answers.safe.refused'), refused, 'attention');
  const detail = run.facts.mark
    ? t('answers.safe.marked', { uid: wallet.uid })
    : t('answers.safe.uid', { uid: wallet.uid });
  return answer(question, safeHeadline(run), detail, 'good');
}

function safeHeadline({ wallet, chain }: RunView): string {
  const blocks = wallet?.immuneBlocks;
  if (blocks === null || blocks === undefined) return t('answers.safe.registered');
  if (blocks <= 0) return t('answers.safe.kept');
  const span = chain ? formatDuration(blocks * chain.blockMs) : formatBlocks(blocks);
  return t('answers.safe.immune', { span });
}

/** Why the validator refused our gradient, or null. A gate below its threshold takes the whole score with it. */
function refusedGradient({ scores }: RunView): string | null {
  const term = scores?.mine?.terms.gradient;
  if (!scores || !term || term.value === null) return null;
  // Who was absent, or rested, failed no check.
  const absent = term.why.code === 'absent-for-an-epoch' || term.why.code === 'not-measured';
  return !absent && term.value < scores.model.gradientThreshold ? whySentence(term.why) : null;
}

export function whatHappensNext(run: RunView, nowMs: number): Answer {
  const question = t('answers.next');
  const { worker, chain, round, earnings } = run;
  if (worker.kind === 'paused') return whatEndsThePause(worker, nowMs);
  if (worker.kind === 'blocked' || worker.kind === 'failed')
    return answer(question, t('answers.next.you'), describeError(worker.error).action);
  if (worker.kind === 'waiting' && worker.error)
    return answer(question, t('answers.next.again'), t('answers.next.againDetail'));
  if (run.stopsAfterRound !== null)
    return answer(
      question,
      t('answers.next.stops', { round: formatCount(run.stopsAfterRound) }),
      t('stop.until'),
    );
  if (!chain || !round) return answer(question, UNKNOWN, t('answers.next.unknown'));
  // Rounds are counted in blocks: no clock tells when the next one comes from a chain that is silent.
  if (isSilent(chain, nowMs)) return answer(question, t('answers.next.block'), t('answers.next.blockDetail'));
  const wait = blocksUntilPay(earnings?.nextEpochBlock ?? null, chain.block);
  const pay =
    wait === null ? t('answers.next.payUnknown') : t('answers.next.pay', { blocks: formatBlocks(wait) });
  return answer(question, nextHeadline(run, nowMs), pay);
}

function whatEndsThePause({ reason, untilMs }: Paused, nowMs: number): Answer {
  const question = t('answers.next');
  if (untilMs !== null)
    return answer(
      question,
      t('answers.next.resumes', { clock: formatCountdown(untilMs - nowMs) }),
      t('answers.next.resumesDetail', { time: formatComing(untilMs, nowMs) }),
    );
  if (reason === 'user') return answer(question, t('answers.next.you'), t('answers.next.youDetail'));
  // A clock that never allows it: nothing ends by itself.
  if (reason === 'hours' || reason === 'price')
    return answer(question, t('answers.next.you'), t('answers.next.rulesDetail'));
  return answer(question, t('answers.next.itself'), t('answers.next.itselfDetail'));
}

function nextHeadline({ chain, round }: RunView, nowMs: number): string {
  if (!chain || !round) return UNKNOWN;
  const inClock = (block: number) => formatCountdown(msUntilBlock(chain, block, nowMs));
  switch (round.phase) {
    case 'before-start':
      return t('answers.next.opens');
    case 'working':
      return t('answers.next.averaging', { clock: inClock(round.readyBlock) });
    case 'ready':
      return plural('answers.next.group', round.readyPeers, formatCount(round.readyPeers));
    case 'reducing':
    case 'listing':
    case 'verifying':
    case 'awaiting-outcome':
      return t('answers.next.outcome', { clock: inClock(round.outcomeBlock) });
    case 'settled':
      return t('answers.next.round', {
        round: formatCount(round.round + 1),
        clock: inClock(nextRoundBlock(chain, round)),
      });
  }
}

/** "5.17" where a loss stands alone. */
export const formatLoss = (loss: number): string => formatDecimal(loss, 2);
