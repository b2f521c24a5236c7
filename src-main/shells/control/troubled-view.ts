import type { RunView, View } from '../../../src-shared/contract/page/sections.ts';
import type { Reachability } from '../../../src-shared/contract/reachability.ts';
import { encodeWire } from '../../../src-shared/wire.ts';
import { CONTROL_VIEW_CHARS } from '../limits.ts';

/** Rounds gone by that tell how it went lately. */
const ROUNDS = 20;

/**
 * What of the view helps to find a fault: cards, engines, rules, notices, and where each run stands. Nothing of wallets,
 * accounts, contacts, orders and earnings, which are nobody else's business and break nothing.
 * @returns JSON that is bounded; of too much, the runs go by name alone
 */
export function troubledView(view: View): string {
  const { app, notices, house, clock, power, machine, cards, benchmark, engines, join } = view;
  const host = { app, notices, house, clock, power, machine, cards, benchmark, engines, join };
  const runs = Object.fromEntries(Object.entries(view.runs).map(([id, run]) => [id, ofRun(run)]));
  const whole = encodeWire({ ...host, runs });
  return whole.length <= CONTROL_VIEW_CHARS ? whole : encodeWire({ ...host, runs: Object.keys(runs) });
}

function ofRun(run: RunView): Partial<RunView> {
  const { facts, setup, worker, activity, chain, round, training, heldOut, swarm } = run;
  const history = run.history.slice(-ROUNDS).map((one) => ({ ...one, edges: [] }));
  return {
    facts,
    setup,
    worker,
    activity,
    chain,
    round,
    training,
    swarm: swarm && { ...swarm, reachability: swarm.reachability && withoutPlace(swarm.reachability) },
    history,
    heldOut: heldOut.slice(-ROUNDS),
  };
}

/** Whether others reach this computer says enough; where it stands is its user's own. */
const withoutPlace = (now: Reachability): Reachability => ({
  ...now,
  address: null,
  mapping: { ...now.mapping, address: null },
});
