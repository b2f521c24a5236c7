import type { HostApi } from '../../src-shared/contract/page/api.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** What changes from block to block is read for who looks at it alone. */
const LOOK_EVERY_MS = 10_000;

/** What the host reads for a screen: asked for while it is open and seen, and kept when a look fails. */
export class Look<T> {
  view = $state.raw<T | null>(null);
  /** Why the newest look failed; what `view` says is older then. */
  problem = $state.raw<CodedError | null>(null);
  readonly #ask: (api: HostApi) => Promise<T>;
  readonly #everyMs: number;
  #isFollowing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: (api: HostApi) => Promise<T>, everyMs = LOOK_EVERY_MS) {
    this.#ask = ask;
    this.#everyMs = everyMs;
  }

  /** Looks now and from time to time, until what it returns is called. */
  follow(): () => void {
    this.#isFollowing = true;
    const onVisible = () => {
      if (!document.hidden) void this.#look();
    };
    document.addEventListener('visibilitychange', onVisible);
    void this.#look();
    return () => {
      this.#isFollowing = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }

  /** Looks again at once. */
  again = (): void => void this.#look();

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isFollowing || document.hidden) return;
    const answer = await connection.ask(this.#ask);
    if (!this.#isFollowing) return;
    if ('value' in answer) this.view = answer.value;
    // That the host is away is told by the banner.
    this.problem = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#everyMs);
  }
}
