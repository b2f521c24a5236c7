import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { RoundSummary } from '../../src-shared/contract/page/runs.ts';
import type { Edge } from '../../src-shared/contract/swarm.ts';
import type { Standing } from '../../src-shared/contract/train.ts';
import type { JudgedRound } from '../../src-shared/rounds/concluded.ts';
import type { Hex } from '../../src-shared/units.ts';
import type { Driver } from './driver.ts';
import type { HeldOutLoss, HeldOutPoint } from './held-out.ts';
import { type RoundsPast, roundHistory } from './history.ts';
import type { Judgement } from './judging.ts';
import {
  judgedRound,
  type MachineSetup,
  type MachineState,
  type RoundCommand,
  readiesOf,
} from './round-state.ts';
import { type RoundsStatus, type RoundWithHistory, statusOf, summaryOf, viewOf } from './round-view.ts';

export interface ConcludedRound {
  readonly summary: RoundSummary;
  readonly round: JudgedRound;
  /** The id that our own recomputation gave; null without one. */
  readonly preparedId: Hex | null;
  /** Base digest of the committed state, where this peer now stands on it. */
  readonly baseDigest: Hex | null;
}

export interface RoundsEvents {
  view: RoundWithHistory | null;
  status: RoundsStatus;
  standing: Standing;
  /** The roster of the round in progress was accepted: who was ready cannot change any more. */
  roster: JudgedRound;
  /** The outcome is known, and `train` stays on the round's base until `judged` is said or the limit has passed. */
  judge: Judgement;
  settled: ConcludedRound;
  heldOut: HeldOutPoint;
}

/** What is told of the rounds: how they stand, what each came to, and the moments that others wait for. */
export interface Telling extends Listeners<RoundsEvents> {
  readonly view: RoundWithHistory | null;
  readonly status: RoundsStatus;
  readonly history: readonly RoundSummary[];
  /** The newest edges of the round in progress; those of another round are passed over. */
  edges(said: { readonly round: number; readonly edges: readonly Edge[] }): void;
  /** Measures the base that `train` stands on and tells its loss. */
  measure(): Promise<void>;
}

export function tellRounds(
  setup: MachineSetup,
  driver: Driver,
  heldOut: HeldOutLoss,
  past: RoundsPast,
  nowMs: () => number,
): Telling {
  const events = listeners<RoundsEvents>();
  const history = roundHistory(past.rounds);
  /** Kept beyond the round's last step: a round is concluded after the machine has moved on. */
  let newest: { readonly round: number | null; readonly edges: readonly Edge[] } = { round: null, edges: [] };
  const edgesOf = (round: number | undefined) => (newest.round === round ? newest.edges : []);
  let shownStatus = '';
  const view = () =>
    viewOf(setup, driver.state, {
      edges: edgesOf(driver.state.current?.round),
      history: history.summaries,
    });
  const status = () => statusOf(setup, driver.state);

  driver.on('moved', ({ before, after }) => {
    tellRoster(before, after);
    if (after.standing.id !== before.standing.id) events.emit('standing', after.standing);
    const text = JSON.stringify(status());
    if (text !== shownStatus) events.emit('status', status());
    shownStatus = text;
    events.emit('view', view());
  });
  driver.on('concluded', conclude);

  function tellRoster(before: MachineState, { current, ...after }: MachineState): void {
    if (current?.roster && current.roster !== before.current?.roster)
      events.emit('roster', judgedRound(current, readiesOf({ ...after, current }, current.round)));
  }

  function conclude(concluded: Extract<RoundCommand, { kind: 'conclude' }>): void {
    const { round, readies } = concluded;
    const summary = {
      ...summaryOf(setup, concluded, { edges: edgesOf(round.round), endedAtMs: nowMs() }),
      heldOutLoss: heldOut.of(round.round),
    };
    history.add(summary);
    const { standing } = driver.state;
    const isStanding = summary.outcome === 'committed' && standing.round === round.round;
    events.emit('settled', {
      summary,
      round: judgedRound(round, readies),
      preparedId: round.prepared?.resultId ?? null,
      baseDigest: isStanding ? standing.baseDigest : null,
    });
    events.emit('view', view());
  }

  return {
    ...events,
    get view() {
      return view();
    },
    get status() {
      return status();
    },
    get history() {
      return history.summaries;
    },
    edges(said) {
      if (said.round !== driver.state.current?.round) return;
      newest = said;
      events.emit('view', view());
    },
    async measure() {
      const point = await heldOut.measure(() => driver.state.standing);
      if (!point) return;
      history.noteLoss(point.round, point.loss);
      events.emit('heldOut', point);
      events.emit('view', view());
    },
  };
}
