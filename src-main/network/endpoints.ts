import { pause } from '../../src-node/waits.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Hex } from '../../src-shared/units.ts';
import { RECONNECT_FIRST_MS, RECONNECT_LONGEST_MS, RETURN_AFTER_MS } from './limits.ts';

/** What is known of an endpoint, for who looks after the network. Times are Unix milliseconds. */
export interface EndpointHealth {
  readonly endpoint: string;
  /** What it failed with last; null while it is well. */
  readonly fault: CodedError | null;
  readonly faultSinceMs: number | null;
  /** Of its first answer in the newest session; null before one. */
  readonly latencyMs: number | null;
  /** It is another chain, and never asked again. */
  readonly isLeftAside: boolean;
}

/** The endpoints of one network in the order of their user's wish, each with its own back-off. */
export interface Endpoints {
  readonly health: readonly EndpointHealth[];
  /** The newest fault of any; null where all are well. */
  readonly fault: CodedError | null;
  /**
   * The first that is due, after waiting for it.
   * @returns null on abort, and where all are left aside
   */
  next(signal: AbortSignal): Promise<string | null>;
  /** One before this in the order that had no fault for RETURN_AFTER_MS. */
  better(than: string): string | null;
  /** Others that could be asked now. */
  others(than: string): readonly string[];
  well(endpoint: string, latencyMs: number): void;
  /** A session with it has ended or did not begin. @param lastedMs how long the session was; 0 without one */
  failed(endpoint: string, thrown: unknown, lastedMs: number): void;
  /** It is another chain. @returns the fault */
  leaveAside(endpoint: string, found: Hex, pinned: Hex): AppError;
}

interface Known {
  readonly endpoint: string;
  fault: CodedError | null;
  faultAtMs: number;
  faultSinceMs: number | null;
  latencyMs: number | null;
  pauseMs: number;
  /** On the clock of `nowMs`. */
  dueAtMs: number;
  isLeftAside: boolean;
}

/** Endpoints that showed another genesis than the network they were given for, in this process: `pinned endpoint`. */
const aside = new Set<string>();
const asideKey = (pinned: Hex, endpoint: string) => `${pinned} ${endpoint}`;

/**
 * @param pinned the genesis that the network has, where that is known beforehand
 * @param nowMs monotonic
 */
export function endpointsOf(
  urls: readonly string[],
  pinned: Hex | null,
  nowMs: () => number = () => performance.now(),
  random: () => number = Math.random,
): Endpoints {
  const all: readonly Known[] = [...new Set(urls)].map((endpoint) => ({
    endpoint,
    fault: null,
    faultAtMs: Number.NEGATIVE_INFINITY,
    faultSinceMs: null,
    latencyMs: null,
    pauseMs: RECONNECT_FIRST_MS,
    dueAtMs: nowMs(),
    isLeftAside: pinned !== null && aside.has(asideKey(pinned, endpoint)),
  }));
  const known = (endpoint: string) => all.find((each) => each.endpoint === endpoint);
  const usable = () => all.filter(({ isLeftAside }) => !isLeftAside);

  function fail(one: Known, thrown: unknown): void {
    one.fault = toCodedError(thrown);
    one.faultAtMs = nowMs();
    one.faultSinceMs ??= Date.now();
  }

  return {
    get health() {
      return all.map(({ endpoint, fault, faultSinceMs, latencyMs, isLeftAside }) => ({
        ...{ endpoint, fault, faultSinceMs, latencyMs, isLeftAside },
      }));
    },
    get fault() {
      const faulty = all.filter(({ fault }) => fault !== null);
      return faulty.sort((a, b) => b.faultAtMs - a.faultAtMs)[0]?.fault ?? null;
    },
    async next(signal) {
      while (!signal.aborted) {
        const [first, ...rest] = usable();
        if (!first) return null;
        const soonest = rest.reduce((best, one) => (one.dueAtMs < best.dueAtMs ? one : best), first);
        const due = usable().find(({ dueAtMs }) => dueAtMs <= nowMs());
        if (due) return due.endpoint;
        await pause(Math.ceil(soonest.dueAtMs - nowMs()), signal);
      }
      return null;
    },
    better(than) {
      const before = all.slice(
        0,
        all.findIndex(({ endpoint }) => endpoint === than),
      );
      const rested = (one: Known) => nowMs() - one.faultAtMs >= RETURN_AFTER_MS && nowMs() >= one.dueAtMs;
      return before.find((one) => !one.isLeftAside && rested(one))?.endpoint ?? null;
    },
    others: (than) =>
      usable()
        .filter(({ endpoint, dueAtMs }) => endpoint !== than && dueAtMs <= nowMs())
        .map(({ endpoint }) => endpoint),
    well(endpoint, latencyMs) {
      const one = known(endpoint);
      if (!one) return;
      one.latencyMs = latencyMs;
      one.fault = null;
      one.faultSinceMs = null;
    },
    failed(endpoint, thrown, lastedMs) {
      const one = known(endpoint);
      if (!one) return;
      fail(one, thrown);
      // A node that accepts and drops at once is as dead as one that refuses: only a session that lasted resets the pause.
      if (lastedMs > RECONNECT_LONGEST_MS) one.pauseMs = RECONNECT_FIRST_MS;
      // Spread, so that all the hosts that one node has dropped do not come back in the same moment.
      const backOffMs = one.pauseMs * (0.5 + random() / 2);
      one.pauseMs = Math.min(one.pauseMs * 2, RECONNECT_LONGEST_MS);
      one.dueAtMs = nowMs() + Math.max(backOffMs, wantedMs(one.fault));
    },
    leaveAside(endpoint, found, genesis) {
      const fault = new AppError('CHAIN_ENDPOINT_OTHER', { endpoint, found: found.slice(0, 8) });
      aside.add(asideKey(genesis, endpoint));
      const one = known(endpoint);
      if (one) {
        fail(one, fault);
        one.isLeftAside = true;
      }
      return fault;
    },
  };
}

/** How long the endpoint itself wants to be left alone. */
function wantedMs(fault: CodedError | null): number {
  if (fault?.code !== 'CHAIN_ENDPOINT_BUSY') return 0;
  return Number(fault.params.seconds ?? 0) * 1_000;
}
