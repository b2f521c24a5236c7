import { withLimit } from '../../src-node/waits.ts';
import type { ChildClient } from '../../src-shared/contract/child.ts';
import type { ScoresView } from '../../src-shared/contract/page/runs.ts';
import type { SwarmContract } from '../../src-shared/contract/swarm.ts';
import type { ScoreModel } from '../../src-shared/profile/schema.ts';
import { parseCards } from '../../src-shared/scoring/cards.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { SCORES_ASKED_AFTER_MS, SCORES_ASKED_TIMES, SWARM_CALL_LIMIT_MS } from './limits.ts';

/** A miner's window on its scores: asks validators for their cards after each round. */
export interface ScoreReader {
  readonly view: ScoresView | null;
  /** To be called when a round has settled. */
  roundSettled(validators: readonly Ss58[]): void;
  stop(): Promise<void>;
}

export interface ScoreReaderOptions {
  readonly swarm: ChildClient<SwarmContract>;
  readonly hotkey: Ss58;
  readonly model: ScoreModel;
  scores(view: ScoresView): void;
  readonly signal: AbortSignal;
}

export function startScoreReader({ swarm, hotkey, model, scores, signal }: ScoreReaderOptions): ScoreReader {
  const stopping = new AbortController();
  const stop = AbortSignal.any([signal, stopping.signal]);
  let view: ScoresView | null = null;
  let waiting: NodeJS.Timeout | undefined;
  let asking: Promise<void> = Promise.resolve();

  /** The first validator that has newer cards than we do. */
  async function ask(validators: readonly Ss58[]): Promise<boolean> {
    for (const validator of validators) {
      const limit = withLimit(stop, SWARM_CALL_LIMIT_MS);
      const answer = await swarm.call('fetchScores', { hotkey: validator }, limit).catch(() => null);
      const set = answer?.json ? parseCards(answer.json, validator) : null;
      if (!set || (view?.validator === validator && view.updatedAtMs >= set.updatedAtMs)) continue;
      const mine = set.cards.find((card) => card.hotkey === hotkey) ?? null;
      view = { model, validator, updatedAtMs: set.updatedAtMs, mine, all: set.cards, weights: null };
      scores(view);
      return true;
    }
    return false;
  }

  function askLater(validators: readonly Ss58[], timesLeft: number): void {
    clearTimeout(waiting);
    if (timesLeft === 0 || stop.aborted) return;
    waiting = setTimeout(() => {
      asking = ask(validators).then((found) => {
        if (!found) askLater(validators, timesLeft - 1);
      });
    }, SCORES_ASKED_AFTER_MS);
    waiting.unref();
  }

  return {
    get view() {
      return view;
    },
    roundSettled: (validators) => askLater(validators, SCORES_ASKED_TIMES),
    async stop() {
      stopping.abort();
      clearTimeout(waiting);
      await asking;
    },
  };
}
