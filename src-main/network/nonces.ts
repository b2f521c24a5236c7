import type { Ss58 } from '../../src-shared/units.ts';
import type { Session } from './session.ts';
import { parse, smallUint } from './storage.ts';

/**
 * Nonces of several transactions in flight. One signer's transactions are signed and handed over one at a time; the
 * chain's own next index counts its pool, and ours counts what was handed over on another endpoint.
 */
export class Nonces {
  readonly #inFlight = new Map<Ss58, Set<number>>();
  readonly #turns = new Map<Ss58, Promise<void>>();

  /** Runs `work` when all earlier work of this signer has ended. */
  async inTurn<T>(signer: Ss58, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(signer) ?? Promise.resolve();
    const mine = before.then(work);
    this.#turns.set(
      signer,
      mine.then(
        () => undefined,
        () => undefined,
      ),
    );
    return mine;
  }

  async next(session: Session, signer: Ss58, signal: AbortSignal): Promise<number> {
    const answer = await session.socket.request('system_accountNextIndex', [signer], signal);
    const own = [...(this.#inFlight.get(signer) ?? [])];
    return Math.max(parse(smallUint, answer), ...own.map((nonce) => nonce + 1));
  }

  /** @returns what to call when the fate of the transaction is known. */
  taken(signer: Ss58, nonce: number): () => void {
    const nonces = this.#inFlight.get(signer) ?? new Set();
    this.#inFlight.set(signer, nonces.add(nonce));
    return () => nonces.delete(nonce);
  }
}
