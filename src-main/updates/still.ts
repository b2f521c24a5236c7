import { withLimit } from '../../src-node/waits.ts';

/** A signal for something long from which signs of life come. */
export interface Still {
  readonly signal: AbortSignal;
  /** Something came: the silence begins anew. */
  heard(): void;
  stop(): void;
}

/** Aborts with the signal given, after a silence, and when the whole takes too long. */
export function stillCalls(
  signal: AbortSignal,
  { silentMs, wholeMs }: { readonly silentMs: number; readonly wholeMs: number },
): Still {
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), silentMs);
  timer.unref();
  return {
    signal: AbortSignal.any([withLimit(signal, wholeMs), silent.signal]),
    heard: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}
