import type { CardSet } from '../../src-shared/scoring/cards.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { HeldOutPoint } from '../rounds/held-out.ts';
import type { EvidenceRow } from '../scoring/evidence.ts';
import type { RoundRow } from '../store/rows.ts';
import type { Store } from '../store/store.ts';
import { FIRST_BASE_ROUND } from './past.ts';
import type { Work } from './work.ts';

export interface Recorder {
  keepEvidence(validator: Ss58, rows: readonly EvidenceRow[]): void;
  /** A miner's copy of what a validator says about it. */
  keepScores(set: CardSet): void;
  stop(): void;
}

/** Shares of an epoch stand on chain as parts of this. */
const U16_MOST = 65_535;

const shareOf = (part: number | null): number | null => (part === null ? null : part / U16_MOST);

/** Writes what a run goes through into the store: steps, rounds, where it stands on chain, peers, evidence. */
export function recordRun(run: Work, runId: number, store: Store): Recorder {
  let roundBegan = { round: -1, atMs: Date.now() };
  let last: RoundRow | null = null;
  const off = [
    run.train.on('step', ({ step, round, innerStep, atMs, loss, lr, gradNorm, tokens, stepMs }) =>
      store.add('step', { runId, step, round, innerStep, atMs, loss, lr, gradNorm, tokens, stepMs }),
    ),
    run.rounds.on('view', (view) => {
      if (view && view.round !== roundBegan.round) roundBegan = { round: view.round, atMs: Date.now() };
    }),
    run.rounds.on('settled', ({ summary, round, baseDigest }) => {
      last = {
        runId,
        round: summary.round,
        startedMs: roundBegan.round === summary.round ? roundBegan.atMs : Date.now(),
        endedMs: summary.endedAtMs,
        outcome: summary.outcome,
        members: summary.members,
        contributed: summary.contributed,
        bytesSent: round.report?.bytesSent ?? 0,
        bytesReceived: round.report?.bytesReceived ?? 0,
        durationMs: summary.durationMs,
        heldOutLoss: summary.heldOutLoss,
        digest: baseDigest,
        reason: summary.reason && JSON.stringify(summary.reason),
        edgesJson: JSON.stringify(summary.edges),
        groupJson: JSON.stringify(summary.group),
      };
      store.add('round', last);
      keepStanding(summary.round);
    }),
    run.rounds.on('heldOut', keepLoss),
    run.swarm.on('peer', ({ hotkey, peerId, connected, address }) => {
      if (connected) store.add('peer', { peerId, hotkey, uid: null, address, seenMs: Date.now() });
    }),
  ];
  for (const point of run.rounds.heldOut) if (point.round === FIRST_BASE_ROUND) keepLoss(point);

  /** What the newest block that was read says of the hotkey; before the first one nothing is known. */
  function keepStanding(round: number): void {
    const { snapshot } = run.chain;
    const own = snapshot?.neurons.find(({ hotkey }) => hotkey === run.hotkey);
    if (!snapshot || !own) return;
    const { stakeAlpha, emissionAlpha } = own;
    store.add('standing', {
      ...{ runId, round, atMs: Date.now(), block: snapshot.block.number, stakeAlpha, emissionAlpha },
      ...{ incentive: own.incentive / U16_MOST, dividends: own.dividends / U16_MOST },
      ...{ consensus: shareOf(own.consensus), trust: shareOf(own.trust) },
    });
  }

  /** Measured after its round was settled, so the row is written once more. */
  function keepLoss({ round, loss, atMs }: HeldOutPoint): void {
    if (last?.round === round) store.add('round', { ...last, heldOutLoss: loss });
    if (round === FIRST_BASE_ROUND) store.add('round', firstBaseRow(runId, loss, atMs));
  }

  return {
    keepEvidence(validator, rows) {
      for (const { detail: detailJson, ...row } of rows)
        store.add('evidence', { ...row, runId, validator, detailJson });
    },
    keepScores({ validator, round, updatedAtMs: atMs, cards }) {
      for (const { hotkey, uid, total, average, weightShare: weight, terms } of cards) {
        store.add('score', { runId, round, validator, hotkey, uid, atMs, total, average, weight });
        for (const [term, { value, why }] of Object.entries(terms))
          store.add('evidence', {
            runId,
            round,
            validator,
            hotkey,
            atMs,
            term,
            value,
            why,
            detailJson: null,
          });
      }
    },
    stop() {
      for (const unsubscribe of off) unsubscribe();
    },
  };
}

/** The initial weights as a row of their own, so that the curve of held-out loss begins where the run began. */
const firstBaseRow = (runId: number, heldOutLoss: number, atMs: number): RoundRow => ({
  runId,
  round: FIRST_BASE_ROUND,
  startedMs: atMs,
  endedMs: atMs,
  outcome: 'committed',
  members: 0,
  contributed: false,
  bytesSent: 0,
  bytesReceived: 0,
  durationMs: null,
  heldOutLoss,
  digest: null,
  reason: null,
  edgesJson: '[]',
  groupJson: null,
});
