import { withLimit } from '../../../src-node/waits.ts';
import type { PortMapping } from '../../../src-shared/contract/reachability.ts';
import { LOOK_AGAIN_MS, RENEW_EVERY_MS, UNMAP_LIMIT_MS } from './limits.ts';
import { type OpenPort, type RouterProtocol, RouterRefusal } from './router.ts';

/** The port for peers as the router opens it for others, kept open until this ends. */
export class PortMap {
  readonly #protocols: readonly RouterProtocol[];
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<() => void>();
  #port = 0;
  #open: OpenPort | null = null;
  #mapping: PortMapping = { state: 'off', by: null, address: null, refusal: null };
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | null = null;

  /** @param protocols ways to ask, the first that a router answers is taken; none where the user wants no mapping */
  constructor(protocols: readonly RouterProtocol[]) {
    this.#protocols = protocols;
  }

  get mapping(): PortMapping {
    return this.#mapping;
  }

  /** @returns a function that unsubscribes */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @param port at which peers are let in here */
  start(port: number): void {
    if (this.#protocols.length === 0 || port === 0) return;
    this.#port = port;
    this.#set({ ...this.#mapping, state: 'looking' });
    void this.look();
  }

  /** Asks the routers now, or waits for the questions under way. */
  look(): Promise<void> {
    if (this.#port === 0) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Has the router forget the port. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#timer);
    await this.#looking?.catch(() => {});
    const open = this.#open;
    this.#open = null;
    await open?.close(withLimit(new AbortController().signal, UNMAP_LIMIT_MS)).catch(() => {});
  }

  async #look(): Promise<void> {
    const { signal } = this.#stopping;
    let refusal: number | null = null;
    let open: OpenPort | null = null;
    for (const protocol of this.#protocols) {
      try {
        open = await protocol.open(this.#port, signal);
      } catch (thrown) {
        if (thrown instanceof RouterRefusal) refusal = thrown.number;
      }
      if (open) break;
    }
    // One that came while we were stopped is closed by `stop`, which waits for this; one that a router no longer speaks of
    // may be open there still, without an end where the router knows no other.
    this.#open = open ?? this.#open;
    if (signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), open ? RENEW_EVERY_MS : LOOK_AGAIN_MS);
    this.#timer.unref();
    this.#set(open ? openedAs(open) : notOpened(refusal));
  }

  #set(mapping: PortMapping): void {
    if (JSON.stringify(mapping) === JSON.stringify(this.#mapping)) return;
    this.#mapping = mapping;
    for (const listener of this.#listeners) listener();
  }
}

const openedAs = ({ by, host, port }: OpenPort): PortMapping => ({
  state: 'open',
  by,
  address: `/${host.includes(':') ? 'ip6' : 'ip4'}/${host}/tcp/${port}`,
  refusal: null,
});

const notOpened = (refusal: number | null): PortMapping => ({
  state: refusal === null ? 'none' : 'refused',
  ...{ by: null, address: null, refusal },
});
