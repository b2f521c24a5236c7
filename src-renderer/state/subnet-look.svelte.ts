import type { OwnMark, SubnetSubject, SubnetView } from '../../src-shared/contract/page/subnet.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';
import { connection } from './connection.svelte.ts';

/** A subnet changes from block to block, and is read for who looks at it alone. */
const LOOK_EVERY_MS = 10_000;

/** What is known of the subnet that is looked at: asked for while the screen is open and seen, and kept when a look fails. */
export class SubnetLook {
  view = $state.raw<SubnetView | null>(null);
  /** Why the newest look failed; what `view` says is older then. */
  problem = $state.raw<CodedError | null>(null);
  readonly #of: SubnetSubject;
  #isFollowing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(of: SubnetSubject) {
    this.#of = of;
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

  async setMark(mark: number | null): Promise<void> {
    const answer = await connection.ask((api) => api.setSubnetMark(this.#of, mark));
    if ('error' in answer) this.problem = answer.error;
    else this.#show({ mark: answer.value });
  }

  #show(own: { readonly mark: OwnMark | null }): void {
    if (this.view) this.view = { ...this.view, ...own };
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#isFollowing || document.hidden) return;
    const answer = await connection.ask((api) => api.subnetEconomics(this.#of));
    if (!this.#isFollowing) return;
    if ('value' in answer) this.view = answer.value;
    // That the host is away is told by the banner.
    this.problem = 'error' in answer && answer.error.code !== 'CANCELLED' ? answer.error : null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), LOOK_EVERY_MS);
  }
}
