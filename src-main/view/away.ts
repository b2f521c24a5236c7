import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import type { WhileAway } from '../../src-shared/contract/page/app.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { alphaRao, type Ss58 } from '../../src-shared/units.ts';
import type { RunBody } from '../runs/plan.ts';
import type { Store } from '../store/store.ts';
import {
  AWAY_EVENTS_READ,
  AWAY_FAULTS_NAMED,
  AWAY_LEAST_MS,
  AWAY_ROUNDS_READ,
  LOOK_NOTED_MS,
} from './limits.ts';
import type { Told } from './told.ts';
import { errorOf, eventOf } from './told-events.ts';
import type { ViewKeeper } from './view-keeper.ts';

/** Tells who comes back what happened since anybody last looked. */
export interface Away {
  /** The run works: its rounds and pay of the time away are counted in. */
  add(id: Ss58, body: RunBody): Promise<void>;
  /** Wraps what joins a page: while one is there, somebody looks. */
  whileLooked<T>(connect: (page: T) => () => void): (page: T) => () => void;
  /** The host ends: from now on nobody looks. */
  leave(): Promise<void>;
  dismiss(): void;
}

export async function watchAway(
  dataDir: string,
  { store, keeper, told }: { readonly store: Store; readonly keeper: ViewKeeper; readonly told: Told },
): Promise<Away> {
  const file = durableJson({
    path: join(dataDir, 'last-looked.json'),
    schema: v.object({ atMs: v.number() }),
    told: told.notice,
  });
  let fromMs = (await file.read())?.atMs ?? null;
  const bodies = new Map<Ss58, RunBody>();
  let pages = 0;
  let looked = false;
  let looking: NodeJS.Timeout | undefined;

  async function count(): Promise<WhileAway | null> {
    const toMs = Date.now();
    if (fromMs === null || toMs - fromMs < AWAY_LEAST_MS) return null;
    const since = fromMs;
    let [committed, empty, pay] = [0, 0, 0n];
    for (const [id, { run }] of bodies) {
      const rounds = (await store.rounds(run.storeId, AWAY_ROUNDS_READ)).filter(
        ({ round, endedMs }) => round >= 0 && (endedMs ?? 0) >= since,
      );
      committed += rounds.filter(({ outcome }) => outcome === 'committed').length;
      empty += rounds.filter(({ outcome }) => outcome !== 'committed').length;
      const { genesisHash, netuid } = run.chain;
      const paid = await store.ledger(genesisHash, netuid).epochsSince(id, since);
      pay += paid.reduce((sum, { alpha }) => sum + alpha, 0n);
    }
    const faults = await faultsSince(since);
    if (committed + empty === 0 && pay === 0n && faults.length === 0) return null;
    return { fromMs: since, toMs, committed, void: empty, payAlpha: alphaRao(pay), faults };
  }

  /** The newest of each kind, the newest first: those of before a restart, and what a full disk keeps from the store. */
  async function faultsSince(since: number): Promise<readonly CodedError[]> {
    const shown = keeper.view.notices.filter(({ atMs }) => atMs >= since).map(eventOf);
    const all = [...(await store.events(since, AWAY_EVENTS_READ)), ...shown];
    const kinds = new Map<string, CodedError>();
    for (const row of all.toSorted((a, b) => b.atMs - a.atMs)) {
      const error = errorOf(row);
      const kind = `${row.code} ${row.source}`;
      if (row.level !== 'info' && error && !kinds.has(kind)) kinds.set(kind, error);
    }
    return [...kinds.values()].slice(0, AWAY_FAULTS_NAMED);
  }

  /** What is on disk may lag behind; one that could not be written is noted with the next look. */
  const note = (atMs: number): Promise<void> => file.write({ atMs }).catch(() => undefined);

  async function leave(): Promise<void> {
    // What was away before is still to be told where nobody looked in between.
    if (pages > 0 || looked) fromMs = Date.now();
    looked = false;
    clearInterval(looking);
    looking = undefined;
    if (fromMs !== null) await note(fromMs);
  }

  const show = () =>
    void count()
      .then((away) => keeper.update({ away }))
      .catch((error: unknown) => told.problem(error));

  return {
    async add(id, body) {
      bodies.set(id, body);
      show();
    },
    leave,
    whileLooked: (connect) => (page) => {
      if (pages++ === 0) show();
      looked = true;
      looking ??= setInterval(() => void note(Date.now()), LOOK_NOTED_MS).unref();
      const disconnect = connect(page);
      return () => {
        disconnect();
        if (--pages === 0) void leave();
      };
    },
    dismiss() {
      fromMs = Date.now();
      void note(fromMs);
      keeper.update({ away: null });
    },
  };
}
