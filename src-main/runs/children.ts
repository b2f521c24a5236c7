import type { ChildClient, ChildContract, ReadyOf } from '../../src-shared/contract/child.ts';
import type { SupervisedChild } from '../supervisor/supervise.ts';

/** A supervised child as a client: `ready` keeps the facts of the newest life, calls and events go across restarts. */
export interface LastingClient<C extends ChildContract> extends ChildClient<C> {
  /** To be told from the supervisor's onReady. */
  renew(facts: ReadyOf<C>): void;
}

export function lastingClient<C extends ChildContract>(
  child: () => SupervisedChild<C>,
  first: ReadyOf<C>,
): LastingClient<C> {
  let facts = first;
  return {
    get ready() {
      return facts;
    },
    call: (name, params, signal) => child().call(name, params, signal),
    on: (name, listener) => child().on(name, listener),
    renew(next) {
      facts = next;
    },
  };
}
