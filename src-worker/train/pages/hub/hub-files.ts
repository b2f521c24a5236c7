import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { quotedName } from '../../../../src-shared/one-line.ts';
import type { Shard } from '../../../../src-shared/text-manifest.ts';
import { REDIRECTS_MOST, WAYS_REMEMBERED } from '../limits.ts';
import { faultOfWay, fileUrl, type HubDataset, hostOf } from './addresses.ts';
import { readBody, WrongAnswer } from './answers.ts';
import type { Origin } from './origin.ts';

/** Where a file lies for the time being: the way there is signed, and ends after a while. */
interface Place {
  readonly url: string;
}

/** What is known of a file since it was first seen: at a commit it never changes. */
interface Seen {
  /** The Hub's own word for its content, and the storage's; null where it says none. */
  linkedTag: string | null;
  storedTag: string | null;
}

/** Ways to a file that were refused at once, before that counts: the first may have ended a moment ago. */
const REFUSED_WAYS_MOST = 2;

/** A server's word in a sentence: it may be kilobytes long. */
const told = (word: string | null): string => (word === null ? 'nothing' : quotedName(word));

/** The files of a data set at a commit, read in ranges. */
export class HubFiles {
  readonly #origin: Origin;
  readonly #dataset: HubDataset;
  readonly #commit: string;
  readonly #places = new Map<string, Place>();
  readonly #seen = new Map<string, Seen>();

  constructor(origin: Origin, dataset: HubDataset, commit: string) {
    this.#origin = origin;
    this.#dataset = dataset;
    this.#commit = commit;
  }

  /**
   * Bytes [start, end) of a file, all of them or an error.
   * @throws {AppError} as `Origin.ask`
   */
  async read(shard: Shard, start: number, end: number, signal: AbortSignal): Promise<Uint8Array> {
    for (let refused = 0; ; refused += 1) {
      const place = await this.#placeOf(shard, signal);
      try {
        return await this.#range(shard, place, { start, end }, signal);
      } catch (thrown) {
        // Whatever it was: whoever asks again finds the way anew, for the old one may have been what was wrong.
        this.#places.delete(shard.path);
        const isRefused = thrown instanceof AppError && thrown.code === 'TEXT_REFUSED';
        if (!isRefused || refused >= REFUSED_WAYS_MOST) throw thrown;
      }
    }
  }

  async #placeOf(shard: Shard, signal: AbortSignal): Promise<Place> {
    const known = this.#places.get(shard.path);
    if (known) return known;
    const place = await this.#origin.ask(
      {
        ...this.#asked(shard),
        bytes: 0,
        send: (limit) => this.#findWay(shard, limit),
        read: (response) => this.#read(shard, response),
      },
      signal,
    );
    this.#places.set(shard.path, place);
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size > WAYS_REMEMBERED) this.#places.delete(oldest);
    return place;
  }

  /** Follows the Hub's own redirects; the last answer is the file itself, or says where it lies. */
  #findWay(shard: Shard, signal: AbortSignal): Promise<Response> {
    const url = fileUrl(this.#dataset, this.#commit, shard.path);
    const headers = { 'accept-encoding': 'identity' };
    return this.#follow(
      url,
      { method: 'HEAD', signal, headers },
      (next, from) => next.origin === from.origin,
    );
  }

  /** @param isFollowed whether an address is gone to; otherwise the answer that names it is the last one */
  async #follow(
    start: string,
    init: RequestInit,
    isFollowed: (next: URL, from: URL) => boolean,
  ): Promise<Response> {
    let url = start;
    for (let hop = 0; hop <= REDIRECTS_MOST; hop += 1) {
      const response = await fetch(url, { ...init, redirect: 'manual' });
      const next = await this.#next(response, url);
      if (next === null || !isFollowed(next, new URL(url))) return response;
      await response.body?.cancel();
      url = next.href;
    }
    throw new WrongAnswer('it leads from one address to the next');
  }

  /** Where an answer leads; null where it is none that leads on. */
  async #next(response: Response, from: string): Promise<URL | null> {
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return null;
    const next = URL.canParse(location, from) ? new URL(location, from) : null;
    const fault = next === null ? 'it leads to no address' : faultOfWay(this.#dataset, next);
    if (fault === null) return next;
    await response.body?.cancel();
    throw new WrongAnswer(fault);
  }

  async #read(shard: Shard, response: Response): Promise<Place> {
    const { headers, status } = response;
    const sizeText = headers.get('x-linked-size') ?? (status === 200 ? headers.get('content-length') : null);
    if (sizeText !== null && Number(sizeText) !== shard.sizeBytes)
      throw new WrongAnswer(`its size is ${told(sizeText)}, not ${shard.sizeBytes}`);
    const commit = headers.get('x-repo-commit');
    if (commit !== null && commit !== this.#commit)
      throw new WrongAnswer(`it is of the commit ${told(commit)}`);
    this.#expect(shard, 'linkedTag', headers.get('x-linked-etag'));
    const next = await this.#next(response, response.url);
    return { url: next?.href ?? response.url };
  }

  #range(
    shard: Shard,
    { url }: Place,
    { start, end }: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    return this.#origin.ask(
      {
        ...this.#asked(shard),
        bytes: end - start,
        send: (limit) =>
          this.#follow(
            url,
            {
              signal: limit,
              headers: { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' },
            },
            // One storage may hand on to another.
            () => true,
          ),
        read: async (response) => {
          try {
            this.#checkRange(shard, response, { start, end });
          } catch (thrown) {
            await response.body?.cancel();
            throw thrown;
          }
          return readBody(response, { maxBytes: end - start, expectedBytes: end - start });
        },
      },
      signal,
    );
  }

  /** A range that is another one than was asked for, or of another file, would be read as text that nobody has. */
  #checkRange(
    shard: Shard,
    { status, headers }: Response,
    { start, end }: { readonly start: number; readonly end: number },
  ): void {
    if (status !== 206) throw new WrongAnswer(`its status is ${status} where a part was asked for`);
    const wanted = `bytes ${start}-${end - 1}/${shard.sizeBytes}`;
    const range = headers.get('content-range');
    if (range !== wanted) throw new WrongAnswer(`it is ${told(range)}, not ${told(wanted)}`);
    this.#expect(shard, 'storedTag', headers.get('etag'));
  }

  #expect(shard: Shard, tag: keyof Seen, found: string | null): void {
    if (found === null) return;
    const seen = this.#seen.get(shard.path) ?? { linkedTag: null, storedTag: null };
    this.#seen.set(shard.path, seen);
    if (seen[tag] !== null && seen[tag] !== found)
      throw new WrongAnswer(`its ETag is ${told(found)}, and was ${told(seen[tag])}`);
    seen[tag] = found;
  }

  #asked({ path }: Shard): { readonly host: string; readonly what: string } {
    return { host: hostOf(this.#dataset), what: `${this.#dataset.id}/${path}` };
  }
}
