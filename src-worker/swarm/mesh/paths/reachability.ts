import type { PortMapping } from '../../../../src-shared/contract/reachability.ts';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { tcpPort } from '../kinds/tcp.ts';
import type { DialBack } from './dial-back.ts';
import { DIAL_BACK_ASKED, REACH_AGAIN_MS, REACH_AGAIN_UNSURE_MS, REACH_SETTLE_MS } from './limits.ts';
import { type DialledBack, type Verdict, verdictOf } from './verdict.ts';

interface ReachabilityInit {
  readonly dialBack: Pick<DialBack, 'ask'>;
  readonly stopping: AbortSignal;
  /** Members that are connected without a relay between, in any order. */
  direct(): readonly Ss58[];
  /** TCP ports at which this node listens. */
  ports(): readonly number[];
  mapping(): PortMapping;
  onVerdict(): void;
}

const untested: Verdict = { state: 'unknown', addresses: [], asked: 0, reached: 0 };

/** Whether others reach this node from outside: asked of some of them at the beginning, when asked to, and now and then. */
export class ReachabilityWatch {
  readonly #init: ReachabilityInit;
  #verdict = untested;
  #testedAtMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #testing: Promise<void> | null = null;

  constructor(init: ReachabilityInit) {
    this.#init = init;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** When others were last asked, in ms since 1970. */
  get testedAtMs(): number | null {
    return this.#testedAtMs;
  }

  /** `mapped`: by a port that the router opened for us. */
  get state(): Verdict['state'] | 'mapped' {
    const { state, addresses } = this.#verdict;
    if (state !== 'public') return state;
    const { address } = this.#init.mapping();
    const port = address === null ? null : tcpPort(address);
    const isOwn = addresses.some((one) => this.#init.ports().includes(tcpPort(one) ?? 0));
    return !isOwn && port !== null && addresses.some((one) => tcpPort(one) === port) ? 'mapped' : 'public';
  }

  /** Somebody came, or a port was mapped: others are asked soon where that is not known yet. */
  changed(): void {
    if (this.#verdict.state === 'unknown' || this.#isMappingNew()) this.#schedule(REACH_SETTLE_MS);
  }

  /** Asks others now, or waits for the test under way. */
  test(): Promise<void> {
    this.#testing ??= this.#test().finally(() => {
      this.#testing = null;
    });
    return this.#testing;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #isMappingNew(): boolean {
    const { address } = this.#init.mapping();
    return address !== null && this.#verdict.state === 'private';
  }

  async #test(): Promise<void> {
    const { direct, dialBack, ports, mapping, stopping, onVerdict } = this.#init;
    const mapped = mapping().address;
    const asked = drawn(direct(), DIAL_BACK_ASKED);
    const wanted = [...new Set([...ports(), ...(mapped === null ? [] : [tcpPort(mapped) ?? 0])])];
    const open = wanted.filter((port) => port > 0);
    const answers = await Promise.all(asked.map((hotkey) => dialBack.ask(hotkey, open, stopping)));
    if (stopping.aborted) return;
    const said = answers.filter((answer): answer is DialledBack => answer !== null);
    const found = verdictOf(said);
    // Nobody outside to be asked just now: what was found before still stands.
    if (found.state !== 'unknown' || said.length > 0) this.#verdict = found;
    if (said.length > 0) this.#testedAtMs = Date.now();
    this.#schedule(this.#verdict.state === 'public' ? REACH_AGAIN_MS : REACH_AGAIN_UNSURE_MS);
    onVerdict();
  }

  #schedule(inMs: number): void {
    clearTimeout(this.#timer);
    if (this.#init.stopping.aborted) return;
    this.#timer = setTimeout(() => void this.test(), inMs);
    this.#timer.unref();
  }
}

/** So many of them, by chance. */
function drawn<T>(all: readonly T[], most: number): readonly T[] {
  const left = [...all];
  return Array.from({ length: Math.min(most, left.length) }, () => {
    const [one] = left.splice(Math.floor(Math.random() * left.length), 1);
    return one!;
  });
}
