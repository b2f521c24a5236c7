import { AppError } from '../../../../src-shared/errors/app-error.ts';
import type { Shard } from '../../../../src-shared/text-manifest.ts';
import { REDIRECTS_MOST, WAYS_REMEMBERED } from '../limits.ts';
import { fileUrl, type HubDataset, hostOf } from './addresses.ts';
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
        if (!(thrown instanceof AppError) || thrown.code !== 'TEXT_REFUSED') throw thrown;
        this.#places.delete(shard.path);
        if (refused >= REFUSED_WAYS_MOST) throw thrown;
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
        read: async (response) => this.#read(shard, response),
      },
      signal,
    );
    this.#places.set(shard.path, place);
    const [oldest] = this.#places.keys();
    if (oldest !== undefined && this.#places.size > WAYS_REMEMBERED) this.#places.delete(oldest);
    return place;
  }

  /** Follows the Hub's own redirects; the last answer is the file itself, or says where it lies. */
  async #findWay(shard: Shard, signal: AbortSignal): Promise<Response> {
    let url = fileUrl(this.#dataset, this.#commit, shard.path);
    for (let hop = 0; hop < REDIRECTS_MOST; hop += 1) {
      const response = await fetch(url, {
        ...{ method: 'HEAD', redirect: 'manual', signal },
        headers: { 'accept-encoding': 'identity' },
      });
      const location = response.headers.get('location');
      if (location === null || !URL.canParse(location, url)) return response;
      const next = new URL(location, url);
      if (next.origin !== new URL(url).origin) return response;
      url = next.href;
    }
    throw new WrongAnswer('it leads from one address to the next');
  }

  #read(shard: Shard, response: Response): Place {
    const { headers, status } = response;
    const sizeText = headers.get('x-linked-size') ?? (status === 200 ? headers.get('content-length') : null);
    if (sizeText !== null && Number(sizeText) !== shard.sizeBytes)
      throw new WrongAnswer(`its size is ${sizeText}, not ${shard.sizeBytes}`);
    const commit = headers.get('x-repo-commit');
    if (commit !== null && commit !== this.#commit) throw new WrongAnswer(`it is of the commit ${commit}`);
    this.#expect(shard, 'linkedTag', headers.get('x-linked-etag'));
    const location = headers.get('location');
    if (status < 300 || location === null) return { url: response.url };
    const url = new URL(location, response.url);
    // Whoever may change what travels may change the text: only a Hub on this computer does without.
    if (url.protocol !== 'https:' && url.protocol !== new URL(this.#dataset.hubUrl).protocol)
      throw new WrongAnswer('it leads to an address without encryption');
    return { url: url.href };
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
          fetch(url, {
            signal: limit,
            headers: { range: `bytes=${start}-${end - 1}`, 'accept-encoding': 'identity' },
          }),
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
    if (range !== wanted) throw new WrongAnswer(`it is "${range}", not "${wanted}"`);
    this.#expect(shard, 'storedTag', headers.get('etag'));
  }

  #expect(shard: Shard, tag: keyof Seen, found: string | null): void {
    if (found === null) return;
    const seen = this.#seen.get(shard.path) ?? { linkedTag: null, storedTag: null };
    this.#seen.set(shard.path, seen);
    if (seen[tag] !== null && seen[tag] !== found)
      throw new WrongAnswer(`its ETag is ${found}, and was ${seen[tag]}`);
    seen[tag] = found;
  }

  #asked({ path }: Shard): { readonly host: string; readonly what: string } {
    return { host: hostOf(this.#dataset), what: `${this.#dataset.id}/${path}` };
  }
}
