import { SERVICE_STOP_MS } from './limits.ts';
import { endsWithin } from './waits.ts';

/** What was started, to be stopped in reverse order. One that fails or hangs does not keep the rest from stopping. */
export interface StopStack extends AsyncDisposable {
  push(name: string, stop: () => unknown): void;
  /** Stops everything once; later calls wait for the same end. */
  stop(): Promise<void>;
}

export interface StopStackOptions {
  readonly limitMs?: number;
  onProblem?(name: string, problem: unknown): void;
}

export function stopStack(options: StopStackOptions = {}): StopStack {
  const { limitMs = SERVICE_STOP_MS, onProblem = () => {} } = options;
  const started: { name: string; stop: () => unknown }[] = [];
  let stopped: Promise<void> | undefined;

  async function stopOne({ name, stop }: { name: string; stop: () => unknown }): Promise<void> {
    try {
      const inTime = await endsWithin(Promise.resolve(stop()), limitMs);
      if (!inTime) onProblem(name, `did not stop within ${limitMs} ms`);
    } catch (thrown) {
      onProblem(name, thrown);
    }
  }

  async function unwind(): Promise<void> {
    for (let service = started.pop(); service; service = started.pop()) await stopOne(service);
  }

  const stop = () => (stopped ??= unwind());
  return {
    push(name, stopService) {
      // Who starts something while the rest already stops would leave it running for ever.
      if (stopped) throw new Error(`${name} started while stopping`);
      started.push({ name, stop: stopService });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
