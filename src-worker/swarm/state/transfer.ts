import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Extent } from '../../../src-shared/published/extents.ts';
import type { Ss58 } from '../../../src-shared/units.ts';
import { ask } from '../net/ask.ts';
import { toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import { Wakeup } from '../reduce/wakeup.ts';
import { DonorRate } from './donor-rate.ts';
import {
  DONOR_REST_LAST_MS,
  DONOR_REST_MS,
  MANIFESTS_AT_ONCE,
  NO_DONOR_LIMIT_MS,
  NOTHING_CAME_LIMIT_MS,
  PIECE_LIMIT_MS,
  TRANSFER_LOOK_MS,
} from './limits.ts';
import { PiecePlan, type Source } from './piece-plan.ts';
import { answerMaxBytes, readAnswer, type StateQuestion } from './protocol.ts';
import { StoreShare } from './store-share.ts';
import type { Wanted } from './wanted.ts';

export interface TransferInit {
  readonly network: Network;
  readonly file: Wanted;
  readonly extents: readonly Extent[];
  /** Peers that gave something wrong, in this transfer or an earlier one: nothing is asked of them. */
  readonly liars: Set<Ss58>;
  /** Whether stores may give too: until they are closed they are waited for. */
  readonly hasStores: boolean;
  onLiar(donor: Ss58, what: 'manifest' | 'piece'): void;
  onProgress(): void;
  readonly signal: AbortSignal;
}

interface Donor {
  readonly rate: DonorRate;
  /** Asked or resting until then. */
  restsUntilMs: number;
  restMs: number;
  isBusy: boolean;
}

/** A state or an average on its way here, from peers and, where they have it, from stores at once. */
export class Transfer {
  readonly file: Wanted;
  /** Peers that gave something right. */
  readonly donors = new Set<Ss58>();
  readonly changed = new Wakeup();
  readonly #init: TransferInit;
  readonly #asked = new Map<Ss58, Donor>();
  readonly #working = new Set<Promise<void>>();
  readonly #storesAtWork = new Set<Source>();
  readonly #ended = new AbortController();
  #plan: PiecePlan | null = null;
  #share: StoreShare | null = null;
  #listing: Promise<boolean> | null = null;
  #storesOpen: boolean;
  #signAtMs = performance.now();
  /** When something of use last came: a word that more will come is none. */
  #cameAtMs = performance.now();

  constructor(init: TransferInit) {
    this.#init = init;
    this.file = init.file;
    this.#storesOpen = init.hasStores;
  }

  /**
   * @throws {AppError} STATE_NO_DONOR when nobody gave a sign for `NO_DONOR_LIMIT_MS`, or nothing but signs for
   * `NOTHING_CAME_LIMIT_MS`; the signal's reason
   */
  async run(): Promise<void> {
    const { network, signal, onProgress } = this.#init;
    const wake = () => this.changed.notify();
    const unsubscribe = network.onPeer(wake);
    signal.addEventListener('abort', wake, { once: true });
    try {
      onProgress();
      while (!this.file.isComplete) {
        signal.throwIfAborted();
        this.#startDonors(performance.now());
        this.#demandSign(performance.now());
        await this.changed.wait(TRANSFER_LOOK_MS);
      }
    } finally {
      unsubscribe();
      signal.removeEventListener('abort', wake);
      this.#ended.abort();
      await Promise.allSettled(this.#working);
    }
  }

  /** Peers that gave something and are asked for more at this moment. */
  get peersAtWork(): number {
    return [...this.donors].filter((donor) => this.#asked.get(donor)?.isBusy).length;
  }

  get storesAtWork(): number {
    return this.#storesAtWork.size;
  }

  /**
   * Takes the list of all pieces from whoever has it; the first right one counts.
   * @returns false when it is of something else
   */
  async list(bytes: Uint8Array): Promise<boolean> {
    this.#signAtMs = performance.now();
    // What lies there is summed up once, however many bring the same, and by the next one where it failed.
    for (let last: Promise<boolean> | null = null; last !== this.#listing; ) {
      last = this.#listing;
      if (await last?.catch(() => false)) return true;
    }
    this.#listing = this.file.list(bytes);
    if (!(await this.#listing)) return false;
    if (!this.#plan) {
      const missing = Array.from({ length: this.file.pieces }, (_, i) => i).filter((i) => !this.file.has(i));
      this.#plan = new PiecePlan(missing);
      this.#share = new StoreShare(this.#init.extents, this.#plan, this.file);
      this.#init.onProgress();
      this.changed.notify();
    }
    return true;
  }

  /** @returns an extent that the store is to bring; null where there is none now */
  claim(store: Source): number | null {
    const nowMs = performance.now();
    const isAlone = this.peersAtWork === 0 && !this.#share?.isAnotherAtWork(store, nowMs);
    const extent = this.#share?.claim(store, { isAlone, nowMs }) ?? null;
    if (extent !== null) this.#storesAtWork.add(store);
    return extent;
  }

  /** @returns false when something in the extent was wrong */
  async give(store: Source, extent: number, path: string): Promise<boolean> {
    const share = this.#share;
    if (!share) return true;
    const bytes = await share.give(store, extent, path);
    if (bytes !== null) this.#received(bytes);
    else this.#storesAtWork.delete(store);
    return bytes !== null;
  }

  drop(store: Source, extent: number): void {
    this.#share?.drop(store, extent);
    this.#storesAtWork.delete(store);
    this.changed.notify();
  }

  /** No store gives any more. */
  closeStores(): void {
    this.#storesOpen = false;
    this.#storesAtWork.clear();
    this.#signAtMs = performance.now();
    this.#cameAtMs = this.#signAtMs;
    this.changed.notify();
  }

  #demandSign(nowMs: number): void {
    const hasSign = this.#working.size > 0 || nowMs - this.#signAtMs <= NO_DONOR_LIMIT_MS;
    if (this.#storesOpen || (hasSign && nowMs - this.#cameAtMs <= NOTHING_CAME_LIMIT_MS)) return;
    throw new AppError('STATE_NO_DONOR', { round: this.file.name });
  }

  #startDonors(nowMs: number): void {
    const { network, liars } = this.#init;
    for (const hotkey of network.peers()) {
      const donor = this.#donorOf(hotkey, nowMs);
      if (donor.isBusy || liars.has(hotkey) || donor.restsUntilMs > nowMs) continue;
      if (!this.#plan && this.#working.size >= MANIFESTS_AT_ONCE) return;
      this.#start(hotkey, donor);
    }
  }

  #start(hotkey: Ss58, donor: Donor): void {
    donor.isBusy = true;
    const work = this.#drain(hotkey, donor)
      .catch(() => this.#rest(donor))
      .finally(() => {
        donor.isBusy = false;
        // Nobody is woken: with nothing to ask it would be begun again at once, and so on for ever.
        this.#working.delete(work);
      });
    this.#working.add(work);
  }

  /** Asks a donor for one piece after the other, several at once, until there is nothing to ask or it gives nothing. */
  async #drain(hotkey: Ss58, donor: Donor): Promise<void> {
    if (!this.#plan) await this.#takeManifest(hotkey, donor);
    const plan = this.#plan;
    if (!plan) return;
    const asks = new Set<Promise<void>>();
    let failure: { readonly thrown: unknown } | null = null;
    donor.rate.begin(performance.now());
    const mayAsk = () => !failure && !this.#ended.signal.aborted && !this.#init.liars.has(hotkey);
    for (;;) {
      while (mayAsk() && asks.size < donor.rate.piecesAtOnce) {
        const piece = plan.next(hotkey, donor.rate.pieceMs, performance.now());
        if (piece === null) break;
        const asking = this.#takePiece(hotkey, donor, { piece, plan })
          .catch((thrown: unknown) => {
            failure ??= { thrown };
          })
          .finally(() => asks.delete(asking));
        asks.add(asking);
      }
      if (asks.size === 0) break;
      await Promise.race(asks);
    }
    if (failure) throw (failure as { readonly thrown: unknown }).thrown;
  }

  async #takeManifest(hotkey: Ss58, donor: Donor): Promise<void> {
    const { file } = this;
    const answer = await this.#ask(hotkey, file.listQuestion(), file.listBytes);
    if (answer === 'later') return this.#later(donor);
    if (!(await this.list(answer))) this.#lied(hotkey, 'manifest');
  }

  async #takePiece(
    hotkey: Ss58,
    donor: Donor,
    { piece, plan }: { readonly piece: number; readonly plan: PiecePlan },
  ): Promise<void> {
    const elsewhere = new AbortController();
    const failed = plan.asked(piece, hotkey, performance.now(), () => elsewhere.abort());
    try {
      const question = this.file.pieceQuestion(piece);
      const answer = await this.#ask(hotkey, question, this.file.lengthOf(piece), elsewhere.signal);
      if (answer === 'later') {
        this.#later(donor);
        throw new AppError('PEER_REFUSED', { peer: hotkey });
      }
      if (!(await this.file.put(piece, answer))) return this.#lied(hotkey, 'piece');
      donor.rate.gave(answer.length, performance.now());
      donor.restMs = DONOR_REST_MS;
      plan.done(piece);
      this.donors.add(hotkey);
      this.#received(answer.length);
    } catch (thrown) {
      // Brought by somebody else: the donor has not failed.
      if (!elsewhere.signal.aborted) throw thrown;
    } finally {
      failed();
      this.changed.notify();
    }
  }

  #received(bytes: number): void {
    if (bytes > 0) {
      this.#signAtMs = performance.now();
      this.#cameAtMs = this.#signAtMs;
      this.#init.onProgress();
    }
    this.changed.notify();
  }

  async #ask(
    hotkey: Ss58,
    question: StateQuestion,
    bytes: number,
    elsewhere?: AbortSignal,
  ): Promise<Uint8Array | 'later'> {
    const signals = [this.#init.signal, this.#ended.signal, ...(elsewhere ? [elsewhere] : [])];
    const limits = {
      maxBytes: answerMaxBytes(bytes),
      limitMs: PIECE_LIMIT_MS,
      signal: AbortSignal.any(signals),
    };
    const answer = readAnswer(
      await ask(this.#init.network, { hotkey, protocol: 'state' }, toBytes(question), limits),
    );
    if (answer === null) throw new AppError('PEER_MALFORMED', { peer: hotkey, detail: 'no state answer' });
    return answer;
  }

  /** It has the state and will give again: nobody is without a donor meanwhile. */
  #later(donor: Donor): void {
    this.#signAtMs = performance.now();
    donor.restMs = DONOR_REST_MS;
    donor.restsUntilMs = performance.now() + DONOR_REST_MS;
  }

  #rest(donor: Donor): void {
    const nowMs = performance.now();
    if (donor.restsUntilMs > nowMs) return;
    donor.restsUntilMs = nowMs + donor.restMs;
    donor.restMs = Math.min(DONOR_REST_LAST_MS, 2 * donor.restMs);
  }

  #lied(hotkey: Ss58, what: 'manifest' | 'piece'): void {
    if (this.#init.liars.has(hotkey)) return;
    this.#init.liars.add(hotkey);
    this.#init.onLiar(hotkey, what);
  }

  #donorOf(hotkey: Ss58, nowMs: number): Donor {
    const known = this.#asked.get(hotkey) ?? {
      rate: new DonorRate(this.file.pieceBytes, nowMs),
      restsUntilMs: 0,
      restMs: DONOR_REST_MS,
      isBusy: false,
    };
    this.#asked.set(hotkey, known);
    return known;
  }
}
