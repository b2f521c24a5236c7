import { stopStack } from '../../src-node/stop-stack.ts';
import { toCodedError } from '../../src-shared/errors/app-error.ts';
import { type Earnings, startEarnings } from '../earnings/earnings.ts';
import type { RoundsPast } from '../rounds/history.ts';
import type { Store } from '../store/store.ts';
import { APP_VERSION } from '../version.ts';
import { pastOf, ROUNDS_SHOWN } from './past.ts';
import { pruneSpool } from './prune-spool.ts';
import { type Recorder, recordRun } from './record.ts';
import { spoolDir } from './start-train.ts';
import type { RunConfig, RunOwner, Work } from './work.ts';

/** What is kept of a run: its ledger, its history, and of its spool only what somebody may still ask for. */
export interface Keep {
  readonly recorder: Recorder;
  readonly earnings: Earnings;
  stop(): Promise<void>;
}

/** The run's name in the store, and what the store knows of it from before. */
export interface StoredRun {
  readonly storeId: number;
  readonly past: RoundsPast;
}

export async function enterRun(
  store: Store,
  { profile, role }: Pick<RunConfig, 'profile' | 'role'>,
  { hotkey, coldkey, profileHash }: RunOwner,
): Promise<StoredRun> {
  const storeId = await store.startRun({
    profile: profile.consensus.name,
    profileHash,
    netuid: profile.consensus.chain.netuid,
    hotkey,
    coldkey,
    role,
    startedMs: Date.now(),
    appVersion: APP_VERSION,
  });
  return { storeId, past: pastOf(await store.rounds(storeId, ROUNDS_SHOWN)) };
}

export async function startKeep(work: Work, storeId: number, store: Store): Promise<Keep> {
  const { chain, hotkey, coldkey, rounds, config } = work;
  const kept = stopStack({
    onProblem: (name, problem) => config.log(`${name} did not stop cleanly: ${problem}`),
  });
  const recorder = recordRun(work, storeId, store);
  kept.push('recorder', () => recorder.stop());
  const earnings = await startEarnings({
    chain,
    hotkey,
    coldkey,
    ledger: store.ledger(chain.genesisHash, chain.netuid),
    clock: { now: Date.now },
    onFault: (error) => {
      config.log(`earnings: ${error}`);
      if (toCodedError(error).code === 'DATABASE_DAMAGED') config.notices.notice(toCodedError(error));
    },
    onGap: (gap) => config.notices.notice(gap),
  });
  kept.push('earnings', () => earnings.stop());
  const off = rounds.on('settled', ({ summary }) => void pruneSpool(spoolDir(config.dataDir), summary.round));
  kept.push('spool', off);
  return { recorder, earnings, stop: () => kept.stop() };
}
