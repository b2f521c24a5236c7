import type { EvidenceItem, RoundSummary } from '../contract/page/runs.ts';
import type { Change, LessOfValidator, OwnEvent, TermChange, WhyLess } from '../contract/page/why-less.ts';
import type { ScoreModel } from '../profile/schema.ts';
import type { Ss58 } from '../units.ts';
import { scoreOf } from './score-model.ts';

/** What one validator said of a hotkey in one round. */
export interface SaidScore {
  readonly validator: Ss58;
  readonly round: number;
  readonly atMs: number;
  readonly total: number | null;
  readonly average: number | null;
  readonly weight: number | null;
}

export type SaidEvidence = EvidenceItem & { readonly validator: Ss58 };

/** Tokens in a second of one round. */
export interface RoundRate {
  readonly round: number;
  readonly tokensPerSecond: number;
}

export interface SaidHistory {
  /** Of each validator the newest two rounds, the newest first. */
  readonly scores: readonly SaidScore[];
  /** Of those rounds. */
  readonly evidence: readonly SaidEvidence[];
  /** The newest rounds first. */
  readonly rates: readonly RoundRate[];
}

/** A round as this computer went through it. */
export type OwnRound = Pick<RoundSummary, 'round' | 'endedAtMs' | 'reason' | 'group' | 'contributed'>;

export interface WhyLessGround {
  readonly hotkey: Ss58;
  readonly model: ScoreModel;
  readonly said: SaidHistory;
  /** In any order. */
  readonly rounds: readonly OwnRound[];
  readonly told: readonly Extract<OwnEvent, { kind: 'told' }>[];
  /** Rounds of validators whose signed words lie here. */
  isSigned(validator: Ss58, round: number): boolean;
}

/** A round counts as slower from this share of the one before on: what is above is the computer's own unrest. */
const SLOWER_SHARE = 0.85;
/** Of an exchange that came out like this nothing is amiss. */
const WHOLE = 1;
/** Events of one validator's comparison: more would hide what matters. */
const EVENTS_MAX = 12;

/**
 * What each validator's newest word says against its word before, term by term, and what this computer knows of itself in
 * the rounds between. It joins what is kept; it draws no conclusion that the rows do not show.
 */
export function whyLess(ground: WhyLessGround): WhyLess {
  const { hotkey, model, said } = ground;
  const validators = [...new Set(said.scores.map(({ validator }) => validator))];
  const compared = validators.map((validator) => ofValidator(ground, validator));
  return { hotkey, model, validators: compared.sort((a, b) => lossOf(b) - lossOf(a)) };
}

/** By the share of weights, which pays; where that is not known by the average. */
function lossOf({ weightShare, average }: LessOfValidator): number {
  const loss = ({ before, now }: Change) => (before === null || now === null ? null : before - now);
  return loss(weightShare) ?? loss(average) ?? 0;
}

function ofValidator(ground: WhyLessGround, validator: Ss58): LessOfValidator {
  const { said, model, isSigned } = ground;
  const [newest, before] = said.scores
    .filter((score) => score.validator === validator)
    .toSorted((a, b) => b.round - a.round) as [SaidScore, SaidScore | undefined];
  const change = (of: (score: SaidScore) => number | null): Change => ({
    before: before ? of(before) : null,
    now: of(newest),
  });
  const rows = (round: number | undefined) =>
    said.evidence.filter((row) => row.validator === validator && row.round === round);
  return {
    validator,
    round: newest.round,
    atMs: newest.atMs,
    beforeRound: before?.round ?? null,
    total: change(({ total }) => total),
    average: change(({ average }) => average),
    weightShare: change(({ weight }) => weight),
    terms: termChanges(model, rows(newest.round), before ? rows(before.round) : []),
    beside: eventsBeside(ground, { from: before?.round ?? newest.round - 1, newest, before: before ?? null }),
    isSigned: isSigned(validator, newest.round),
  };
}

type Rows = readonly SaidEvidence[];

/** Without a round before there is nothing that changed, and every term is told as it is. */
function termChanges(model: ScoreModel, now: Rows, before: Rows): readonly TermChange[] {
  const valuesNow = valuesOf(now);
  const total = scoreOf(model, valuesNow);
  const earlier = new Map(before.map((row) => [row.term, row]));
  const changes = now.map((row): TermChange => {
    const was = earlier.get(row.term);
    const asBefore = was ? scoreOf(model, { ...valuesNow, [row.term]: was.value }) : null;
    return {
      term: row.term,
      before: was?.value ?? null,
      now: row.value,
      cost: asBefore === null || total === null ? 0 : asBefore - total,
      why: row.why,
      whyBefore: was?.why ?? null,
    };
  });
  const told = before.length === 0 ? changes : changes.filter((one) => one.before !== one.now);
  return told.sort((a, b) => b.cost - a.cost || a.term.localeCompare(b.term));
}

const valuesOf = (rows: Rows): Record<string, number | null> =>
  Object.fromEntries(rows.map(({ term, value }) => [term, value]));

interface Span {
  /** The round before that was scored: what happened behind it, up to the newest. */
  readonly from: number;
  readonly newest: SaidScore;
  readonly before: SaidScore | null;
}

function eventsBeside(ground: WhyLessGround, span: Span): readonly OwnEvent[] {
  const { hotkey, rounds, said, told } = ground;
  const isWithin = ({ round }: { readonly round: number }) => round > span.from && round <= span.newest.round;
  const between = rounds.filter(isWithin);
  const sinceMs = span.before?.atMs ?? Number.NEGATIVE_INFINITY;
  const events: readonly OwnEvent[] = [
    ...between.flatMap((round) => missedRound(round)),
    ...between.flatMap((round) => exchangeOf(round, hotkey)),
    ...slowerRounds(said.rates).filter(isWithin),
    ...told.filter(({ atMs }) => atMs > sinceMs && atMs <= span.newest.atMs),
  ];
  const timeOf = (event: OwnEvent) => event.atMs ?? Number.NEGATIVE_INFINITY;
  return [...events].sort((a, b) => timeOf(b) - timeOf(a)).slice(0, EVENTS_MAX);
}

const missedRound = ({ round, endedAtMs: atMs, reason, contributed }: OwnRound): readonly OwnEvent[] =>
  reason === null || contributed ? [] : [{ kind: 'round', round, atMs, reason }];

function exchangeOf({ round, endedAtMs: atMs, group }: OwnRound, hotkey: Ss58): readonly OwnEvent[] {
  const own = group.find((member) => member.hotkey === hotkey);
  if (!own) return [];
  const { takenShare, returnedShare, error: fault } = own;
  const isWhole = (takenShare ?? WHOLE) >= WHOLE && (returnedShare ?? WHOLE) >= WHOLE && fault === null;
  return isWhole ? [] : [{ kind: 'exchange', round, atMs, takenShare, returnedShare, fault }];
}

/** Each round against the one before it that was worked. */
function slowerRounds(rates: readonly RoundRate[]): Extract<OwnEvent, { kind: 'slower' }>[] {
  const inOrder = rates.toSorted((a, b) => a.round - b.round);
  return inOrder.flatMap(({ round, tokensPerSecond }, i) => {
    const before = inOrder[i - 1]?.tokensPerSecond;
    const isSlower = before !== undefined && tokensPerSecond < before * SLOWER_SHARE;
    return isSlower ? [{ kind: 'slower' as const, round, atMs: null, tokensPerSecond, before }] : [];
  });
}
