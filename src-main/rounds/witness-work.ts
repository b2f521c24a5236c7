import { join } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../src-node/durable-json.ts';
import { type Listeners, listeners } from '../../src-node/listeners.ts';
import { address, count, digest } from '../../src-shared/contract/fields.ts';
import {
  type SignedWord,
  type WitnessAgainst,
  type WitnessRound,
  type WitnessView,
  witnessAgainstCodes,
} from '../../src-shared/contract/page/witness.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import type { Roster } from '../../src-shared/rounds/messages.ts';
import { rosterDigest } from '../../src-shared/rounds/signed.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { Driver } from './driver.ts';
import { WITNESS_ROUNDS_KEPT } from './limits.ts';
import type { MachineSetup, MachineState, OpenRound } from './round-state.ts';
import { summaryOf } from './round-view.ts';

const word = v.nullable(v.object({ proposer: address, digest }));
const against = v.object({
  code: v.picklist(witnessAgainstCodes),
  params: v.record(v.string(), v.union([v.string(), v.number()])),
});
const roundSchema = v.object({
  round: count,
  roster: word,
  results: word,
  audit: v.nullable(
    v.object({
      verdict: v.picklist(['asked', 'passed', 'failed']),
      drawn: v.nullable(count),
      wrong: v.nullable(count),
    }),
  ),
  record: v.nullable(
    v.object({ resultId: v.nullable(digest), state: v.picklist(['on-its-way', 'final', 'given-up']) }),
  ),
  outcome: v.nullable(v.picklist(['committed', 'void', 'unknown'])),
  against: v.pipe(v.array(against), v.maxLength(64), v.readonly()),
});
const roundsSchema = v.pipe(v.array(roundSchema), v.maxLength(WITNESS_ROUNDS_KEPT), v.readonly());
type RoundsFile = Pick<DurableJson<readonly WitnessRound[]>, 'read' | 'write'>;

/** What this validator does as a witness, round by round: signed, looked at, written, and what stood against it. */
export interface WitnessWork extends Pick<Listeners<{ changed: WitnessView }>, 'on'> {
  readonly view: WitnessView;
  /** Another witness signed two words of one round. */
  contradicted(said: { readonly hotkey: Ss58; readonly round: number }): void;
}

export const witnessFile = (folder: string, told: (error: CodedError) => void): RoundsFile =>
  durableJson({ path: join(folder, 'witness.json'), schema: roundsSchema, told });

/** Follows the round machine; the rounds behind the one in progress outlive a restart. */
export async function witnessWork(
  setup: MachineSetup,
  driver: Pick<Driver, 'state' | 'on' | 'track'>,
  file: RoundsFile,
): Promise<WitnessWork> {
  const events = listeners<{ changed: WitnessView }>();
  const rounds = new Map(((await file.read()) ?? []).map((one) => [one.round, one]));
  let witnesses = driver.state.current?.witnesses ?? [];
  let shown = '';

  const view = (): WitnessView => ({
    isWitness: witnesses.includes(setup.hotkey),
    witnesses,
    rounds: [...rounds.values()].sort((a, b) => b.round - a.round),
  });

  function tell(): void {
    const next = view();
    const text = JSON.stringify(next);
    if (text === shown) return;
    shown = text;
    events.emit('changed', next);
  }

  function note(round: number, change: Partial<WitnessRound>): void {
    rounds.set(round, { ...(rounds.get(round) ?? emptyRound(round)), ...change });
    for (const old of [...rounds.keys()].sort((a, b) => b - a).slice(WITNESS_ROUNDS_KEPT)) rounds.delete(old);
  }

  const add = (round: number, reason: WitnessAgainst) => {
    const known = rounds.get(round)?.against ?? [];
    if (!known.some((one) => JSON.stringify(one) === JSON.stringify(reason)))
      note(round, { against: [...known, reason] });
  };

  driver.on('moved', ({ before, after }) => {
    const { current } = after;
    if (current) witnesses = current.witnesses;
    if (current?.witnesses.includes(setup.hotkey)) note(current.round, workOf(current));
    noteRecord(before, after);
    tell();
  });

  function noteRecord({ outgoing: was }: MachineState, { outgoing: is, finalized }: MachineState): void {
    if (is && is !== was)
      note(is.record.round, { record: { resultId: is.record.resultId, state: 'on-its-way' } });
    if (!was || is?.record.round === was.record.round) return;
    // It leaves the machine when it is final, or when its last block has come.
    const isLate = finalized !== null && finalized >= was.record.lastBlock;
    note(was.record.round, {
      record: { resultId: was.record.resultId, state: isLate ? 'given-up' : 'final' },
    });
    if (isLate) add(was.record.round, { code: 'not-written', params: {} });
  }

  driver.on('concluded', (concluded) => {
    const { round: current } = concluded;
    if (!current.witnesses.includes(setup.hotkey)) return;
    const { outcome } = current;
    note(current.round, { ...workOf(current), outcome: outcome?.kind ?? null });
    const seen = { edges: [], endedAtMs: 0 };
    for (const reason of againstOf(current, summaryOf(setup, concluded, seen).reason?.code ?? null))
      add(current.round, reason);
    driver.track(file.write(view().rounds).catch(() => undefined));
    tell();
  });

  return {
    on: events.on,
    get view() {
      return view();
    },
    contradicted({ hotkey, round }) {
      add(round, { code: 'contradiction', params: { hotkey } });
      tell();
    },
  };
}

const emptyRound = (round: number): WitnessRound => ({
  ...{ round, roster: null, results: null, audit: null, record: null, outcome: null, against: [] },
});

/** A roster is hashed once, however often the machine moves while it stands. */
const digests = new WeakMap<Roster, SignedWord>();

function rosterWord(roster: Roster): SignedWord {
  const known = digests.get(roster) ?? { proposer: roster.proposer, digest: rosterDigest(roster) };
  digests.set(roster, known);
  return known;
}

function workOf({
  proposal,
  signedResults,
  audit,
  auditSeen,
}: OpenRound): Pick<WitnessRound, 'roster' | 'results' | 'audit'> {
  return {
    roster: proposal && rosterWord(proposal),
    results: signedResults && { proposer: signedResults.proposer, digest: signedResults.resultsDigest },
    audit:
      audit === 'not-begun'
        ? null
        : { verdict: audit, drawn: auditSeen?.drawn ?? null, wrong: auditSeen?.wrong ?? null },
  };
}

/** Why nothing was voted, or voted in vain, in the words of a witness. */
const REASONS: Readonly<Record<string, WitnessAgainst['code']>> = {
  'wrong-result': 'wrong-result',
  'no-agreement': 'no-agreement',
  'no-roster': 'no-roster',
  'too-few-ready': 'no-roster',
  'no-list': 'no-list',
  'no-quorum': 'no-list',
  'results-missing': 'no-list',
  'not-recorded': 'not-written',
  elsewhere: 'elsewhere',
};

function againstOf(
  { outcome, recorded, prepared }: OpenRound,
  reason: string | null,
): readonly WitnessAgainst[] {
  const own = recorded ?? prepared?.resultId ?? null;
  const isOther = outcome?.kind === 'committed' && own !== null && own !== outcome.id;
  const code = reason === null ? undefined : REASONS[reason];
  return [
    ...(isOther ? [{ code: 'other-result' as const, params: {} }] : []),
    ...(code ? [{ code, params: {} }] : []),
  ];
}
