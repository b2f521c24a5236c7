import type { Standing } from '../../src-shared/contract/train.ts';
import { startBlock } from '../../src-shared/rounds/clock.ts';
import type { JournaledRecord, MachineSetup, MachineState, OpenRound, PendingRound } from './round-state.ts';
import { recordOf } from './round-state.ts';

/** Where a machine begins: what `train` stands on, and what the journal says of a round in progress. */
export function beginning(
  setup: MachineSetup,
  at: {
    readonly standing: Standing;
    readonly pending: PendingRound | null;
    readonly record: JournaledRecord | null;
    /** Whether training may run from the start. */
    readonly isActive: boolean;
  },
): MachineState {
  const { standing, pending, record } = at;
  return {
    standing,
    start: startBlock(setup.consensus.clock, null),
    finalized: null,
    finalizedAtMs: null,
    stalledForMs: null,
    peers: new Set(),
    // Nobody says our own word back to us, and a roster that we propose lists us by it.
    readies: new Map(pending?.ready ? [[setup.hotkey, pending.ready]] : []),
    alsoSaid: [],
    current: pending && resumed(setup, pending, record),
    asking: null,
    passed: pending ? pending.round : -1,
    loading: null,
    loadFault: null,
    baseUnknown: false,
    medianNorm: null,
    failedChecks: new Set(),
    harmful: new Set(),
    frauds: new Set(),
    withheld: null,
    silent: new Set(),
    moved: [],
    rates: new Map(),
    tier: pending?.ready?.codec ?? setup.consensus.codec.tiers[0]!,
    // After a crash a witness sends what its file says, or nothing.
    outgoing: record && { record: recordOf(record), isOnItsWay: false },
    lastSkipped: false,
    isActive: at.isActive,
    restedIn: null,
    isBlocked: false,
    differing: null,
  };
}

/** A round from the journal. It is taken up at the next block; after its outcome block only that is left of it. */
function resumed(setup: MachineSetup, pending: PendingRound, record: JournaledRecord | null): OpenRound {
  const { prepared } = pending;
  return {
    ...pending,
    coldkeys: new Map(pending.coldkeys),
    proposals: [],
    listProposals: [],
    isComposing: false,
    step: 'resuming',
    missed: pending.drawn ? null : { code: 'nothing-contributed', params: {} },
    results: new Map(prepared ? [[setup.hotkey, prepared.resultId]] : []),
    recorded: record?.round === pending.round ? record.resultId : null,
    audit: 'not-begun',
    auditSeen: null,
    outcome: null,
  };
}
