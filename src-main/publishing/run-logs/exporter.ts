import { pause, underEither, withLimit } from '../../../src-node/waits.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { CATCH_UP_MS, LAST_WORDS_MS } from './limits.ts';
import { afterFailure } from './retry.ts';
import { Telling, type TellingOptions } from './telling.ts';

export interface ExporterOptions extends TellingOptions {
  readonly everyMs: number;
}

/** Tells the rows of one run to one target, from where that stands, for as long as it lives. */
export interface Exporter extends Pick<Telling, 'on' | 'state'> {
  /** Something that was wrong may be right now: what waits is tried at once. */
  poke(): void;
  /** Tells what is left, as far as that goes quickly, and says that the run is over. */
  stop(): Promise<void>;
}

export function startExporter(options: ExporterOptions): Exporter {
  const telling = new Telling(options);
  const stopping = new AbortController();
  let poked = new AbortController();

  /** @returns how long to wait before the next turn, ms */
  async function turn(): Promise<number> {
    try {
      return (await telling.tellOnce(stopping.signal)) ? CATCH_UP_MS : options.everyMs;
    } catch (thrown) {
      // What its own end broke off is no failure.
      if (stopping.signal.aborted) return 0;
      const problem = toCodedError(thrown);
      await telling.fail(problem);
      return afterFailure(problem, telling.state.failures);
    }
  }

  async function live(): Promise<void> {
    await telling.remember().catch(() => undefined);
    while (!stopping.signal.aborted) {
      const waitMs = await turn();
      await underEither([stopping.signal, poked.signal], (either) => pause(waitMs, either));
      if (poked.signal.aborted) poked = new AbortController();
    }
  }

  async function lastWords(): Promise<void> {
    // Of one that fails already nothing is expected any more: its rows stay for the next start.
    const signal = withLimit(new AbortController().signal, LAST_WORDS_MS);
    if (telling.state.problem === null) while (await telling.tellOnce(signal));
    await options.door.finish(await options.target(signal), signal);
  }

  const life = live();
  return {
    on: telling.on,
    get state() {
      return telling.state;
    },
    poke: () => poked.abort(),
    async stop() {
      stopping.abort(new AppError('CANCELLED'));
      await life;
      await lastWords().catch(() => undefined);
    },
  };
}
