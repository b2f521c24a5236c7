import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { awakeLimit } from '../../../src-node/awake-clock.ts';
import { replaceFile } from '../../../src-node/durable.ts';
import { inSlices } from '../../../src-node/portions.ts';
import { sha256 } from '../../../src-node/sha256.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import type { ResultsName } from '../../../src-shared/rounds/messages.ts';
import {
  decodeResultsList,
  encodeResultsList,
  LEAF_BYTES,
  type ResultsList,
  resultsDigestInPortions,
} from '../../../src-shared/rounds/results-list.ts';
import { spoolFolder } from '../../../src-shared/spool.ts';
import type { Hex, Ss58 } from '../../../src-shared/units.ts';
import {
  LIST_ASKS_AT_ONCE,
  LIST_ASKS_PER_PEER,
  LIST_LIMIT_MS,
  LIST_NEXT_AFTER_MS,
  LISTS_IN_MEMORY,
} from '../limits.ts';
import { ask, serveAnswers } from '../net/ask.ts';
import { firstAnswer } from '../net/first-answer.ts';
import { fromBytes, toBytes } from '../net/json.ts';
import type { Network } from '../net/link.ts';
import type { SpoolDisk } from '../spool-disk.ts';

const questionSchema = v.object({ round: count, rosterDigest: digest, resultsDigest: digest });
const QUESTION_MAX_BYTES = 512;

export interface ListsInit {
  readonly network: Network;
  /** Chunks of the model's grid: a list has a leaf for each. */
  readonly chunks: number;
  readonly spoolDir: string;
  readonly disk: SpoolDisk;
  /** Members of that roster and witnesses ask; nobody else has to. */
  mayAsk(rosterDigest: Hex, hotkey: Ss58): boolean;
}

/**
 * Results lists by their digest. What is signed is the digest alone (a list takes 45 bytes a chunk); the list is asked
 * for, of anybody: whoever gives it cannot change it. What this node signed or uses lies in the round's spool folder.
 */
export class Lists {
  readonly #init: ListsInit;
  readonly #maxBytes: number;
  readonly #known = new Map<Hex, ResultsList>();
  /** Answers by list and asker. */
  readonly #asks = new Map<Hex, Map<Ss58, number>>();

  constructor(init: ListsInit) {
    this.#init = init;
    this.#maxBytes = init.chunks * LEAF_BYTES;
    const limits = { maxBytes: QUESTION_MAX_BYTES, limitMs: LIST_LIMIT_MS };
    serveAnswers(init.network, 'list', limits, async (question, from) => {
      const name = fromBytes(questionSchema, question);
      if (!name || !init.mayAsk(name.rosterDigest, from)) return null;
      const limit = awakeLimit(LIST_LIMIT_MS);
      const list = await this.here(name, limit);
      // Counted by what is given: a roster may be named that nobody knows.
      return list && this.#mayHave(name.resultsDigest, from) ? encodeResultsList(list) : null;
    });
  }

  /** Writes a list down, durably; it is given to others from then on, after a restart too. */
  async keep(name: ResultsName, list: ResultsList, signal: AbortSignal): Promise<void> {
    this.#remember(name.resultsDigest, list);
    const path = this.#path(name);
    await this.#init.disk.step('publish', path, signal, async () => {
      await mkdir(join(this.#init.spoolDir, spoolFolder(name.round)), { recursive: true });
      await replaceFile(path, encodeResultsList(list));
    });
  }

  /** Where it was kept or heard of here, also before a restart. */
  async here(name: ResultsName, signal: AbortSignal): Promise<ResultsList | null> {
    return this.#known.get(name.resultsDigest) ?? (await this.#onDisk(name, signal));
  }

  /** Bytes from somebody, as the list of that name. @returns null where they are of something else */
  read(bytes: Uint8Array, { resultsDigest: named }: ResultsName, signal: AbortSignal) {
    return this.#read(bytes, named, signal);
  }

  /** Bytes of any list of this model. */
  get listBytes(): number {
    return this.#maxBytes;
  }

  /**
   * From here, or from whoever has it. While one does not answer the next is asked beside it: who keeps silent holds up
   * nobody.
   * @param first who is asked before all others
   * @returns null when nobody who is connected gives it
   */
  async find(name: ResultsName, first: readonly Ss58[], signal: AbortSignal): Promise<ResultsList | null> {
    const here = await this.here(name, signal);
    if (here) return here;
    return firstAnswer(
      new Set([...first, ...this.#init.network.peers()]),
      (peer, either) => this.#askPeer(peer, name, either),
      { atOnce: LIST_ASKS_AT_ONCE, nextAfterMs: LIST_NEXT_AFTER_MS },
      signal,
    );
  }

  async #askPeer(peer: Ss58, name: ResultsName, signal: AbortSignal): Promise<ResultsList | null> {
    const { round, rosterDigest, resultsDigest: wanted } = name;
    if (!this.#init.network.isConnected(peer)) return null;
    const limits = { maxBytes: this.#maxBytes, limitMs: LIST_LIMIT_MS, signal };
    const question = toBytes({ round, rosterDigest, resultsDigest: wanted });
    const bytes = await ask(this.#init.network, { hotkey: peer, protocol: 'list' }, question, limits);
    return this.#read(bytes, wanted, signal);
  }

  async #read(bytes: Uint8Array, wanted: Hex, signal: AbortSignal): Promise<ResultsList | null> {
    const list = decodeResultsList(bytes, this.#init.chunks);
    if (!list || (await inSlices(resultsDigestInPortions(list, sha256), signal)) !== wanted) return null;
    this.#remember(wanted, list);
    return list;
  }

  /** A file that is not what its name says is passed over: others have the list. */
  async #onDisk(name: ResultsName, signal: AbortSignal): Promise<ResultsList | null> {
    const file = await open(this.#path(name), 'r').catch(() => null);
    if (!file) return null;
    try {
      const { size } = await file.stat();
      return size === this.#maxBytes
        ? await this.#read(new Uint8Array(await file.readFile()), name.resultsDigest, signal)
        : null;
    } finally {
      await file.close();
    }
  }

  #path({ round, resultsDigest: named }: ResultsName): string {
    return join(this.#init.spoolDir, spoolFolder(round), `results-${named}.list`);
  }

  #remember(of: Hex, list: ResultsList): void {
    this.#known.delete(of);
    this.#known.set(of, list);
    for (const old of [...this.#known.keys()].slice(0, -LISTS_IN_MEMORY)) this.#known.delete(old);
  }

  #mayHave(of: Hex, from: Ss58): boolean {
    const asks = this.#asks.get(of) ?? new Map<Ss58, number>();
    this.#asks.delete(of);
    this.#asks.set(of, asks.set(from, (asks.get(from) ?? 0) + 1));
    for (const old of [...this.#asks.keys()].slice(0, -LISTS_IN_MEMORY)) this.#asks.delete(old);
    return asks.get(from)! <= LIST_ASKS_PER_PEER;
  }
}
