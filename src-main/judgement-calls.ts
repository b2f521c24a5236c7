import type { HostApi } from '../src-shared/contract/page/api.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { checkDisputeOf, runOfDispute, writeDispute } from './dispute-desk.ts';
import type { Runs } from './runs/runs.ts';
import type { Store } from './store/store.ts';
import { whyLessOf } from './why-less-of.ts';

export interface JudgementServices {
  readonly runs: Runs;
  readonly store: Store;
  readonly signal: AbortSignal;
}

/** What validators say of a run, and what a validator's run says of others. */
export const judgementCalls = ({ runs, store, signal }: JudgementServices) => {
  const runOf = (id: string) => runs.live.get(id as Ss58)?.body?.run;
  return {
    async whyLess(id) {
      const run = runOf(id);
      if (!run) return null;
      const { storeId, hotkey, cards, config } = run;
      return whyLessOf(store, { storeId, hotkey, cards, model: config.profile.consensus.scoreModel });
    },
    async writeDispute(id) {
      const run = runOf(id);
      if (!run) throw new AppError('NO_RUN');
      return writeDispute(run, signal);
    },
    async checkDispute(text) {
      const all = [...runs.live.values()].flatMap(({ body }) => (body ? [body.run] : []));
      return checkDisputeOf(runOfDispute(text, all), store, text);
    },
    weightsPlan: async (id) => (await runOf(id)?.weightsPlan()) ?? null,
  } satisfies Partial<HostApi>;
};
