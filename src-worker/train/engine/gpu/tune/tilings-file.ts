import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../../../../src-node/durable-json.ts';
import type { CodedError } from '../../../../../src-shared/errors/app-error.ts';
import { TILING_FORGIVEN_MS } from '../../limits.ts';

/** Adapters of which it is remembered. */
const ADAPTERS_MOST = 8;
const TILINGS_MOST = 64;
const name = v.pipe(v.string(), v.maxLength(64));
const few = <T extends object>(entries: T) => Object.keys(entries).length <= TILINGS_MOST;

const schema = v.object({
  adapters: v.pipe(
    v.array(
      v.object({
        /** Adapter, driver and library: with another one of them other tiles may be faster. */
        key: v.pipe(v.string(), v.maxLength(1024)),
        /** GFLOP/s of each class of products with each tiling that was tried; null where it does not compute them. */
        speeds: v.pipe(
          v.record(name, v.pipe(v.record(name, v.nullable(v.pipe(v.number(), v.finite()))), v.check(few))),
          v.check(few),
        ),
        /** Tiles with which a process died or a device was lost, and when. */
        banned: v.pipe(v.array(v.object({ tiling: name, atMs: v.number() })), v.maxLength(TILINGS_MOST)),
      }),
    ),
    v.maxLength(ADAPTERS_MOST),
  ),
  /** What is being tried. A file in which it stands was left by a process that did not live to see the end of it. */
  trying: v.nullable(v.object({ key: v.pipe(v.string(), v.maxLength(1024)), tiling: name })),
});

type Content = v.InferOutput<typeof schema>;
type Tuned = Content['adapters'][number];

/** What is known of an adapter's tiles, across lives of the process. */
export class TilingsFile {
  readonly #file: DurableJson<Content>;
  readonly #key: string;
  #content: Content = { adapters: [], trying: null };

  private constructor(file: DurableJson<Content>, key: string) {
    this.#file = file;
    this.#key = key;
  }

  /** Reads it, and bans what the last process died of. */
  static async open(path: string, key: string, told: (error: CodedError) => void): Promise<TilingsFile> {
    await mkdir(dirname(path), { recursive: true });
    const opened = new TilingsFile(durableJson({ path, schema, told }), key);
    const content = await opened.#file.read();
    if (content) opened.#content = content;
    const { trying } = opened.#content;
    if (trying) await opened.#ban(trying.key, trying.tiling);
    return opened;
  }

  /** Whether a process died of it lately. Another program may have ended it, so this is not for ever. */
  isBanned(tiling: string): boolean {
    const sinceMs = Date.now() - TILING_FORGIVEN_MS;
    return this.#of(this.#key).banned.some((one) => one.tiling === tiling && one.atMs > sinceMs);
  }

  /** Whether this tiling was tried on a class of products, or is not to be. */
  isTried(shapeClass: string, tiling: string): boolean {
    return this.isBanned(tiling) || this.#of(this.#key).speeds[shapeClass]?.[tiling] !== undefined;
  }

  /** The fastest tiling of each class, as far as any was tried; none that is banned. */
  fastest(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(this.#of(this.#key).speeds).flatMap(([shapeClass, speeds]) => {
        const [best] = Object.entries(speeds)
          .filter((one): one is [string, number] => one[1] !== null && !this.isBanned(one[0]))
          .sort(([, one], [, other]) => other - one);
        return best ? [[shapeClass, best[0]]] : [];
      }),
    );
  }

  /** From here on a process that dies has died of it. */
  async trying(tiling: string): Promise<void> {
    await this.#write({ ...this.#content, trying: { key: this.#key, tiling } });
  }

  /** It was survived, and nothing was learned. */
  async survived(): Promise<void> {
    if (this.#content.trying) await this.#write({ ...this.#content, trying: null });
  }

  /** It cost the device. */
  async ban(tiling: string): Promise<void> {
    await this.#ban(this.#key, tiling);
  }

  /** It was survived. @param gflops how fast it is; null where it does not compute such products */
  async keep(shapeClass: string, tiling: string, gflops: number | null): Promise<void> {
    const known = this.#of(this.#key);
    const speeds = { ...known.speeds, [shapeClass]: { ...known.speeds[shapeClass], [tiling]: gflops } };
    await this.#put({ ...known, speeds });
  }

  #of(key: string): Tuned {
    return this.#content.adapters.find((one) => one.key === key) ?? { key, speeds: {}, banned: [] };
  }

  async #ban(key: string, tiling: string): Promise<void> {
    const known = this.#of(key);
    const others = known.banned.filter((one) => one.tiling !== tiling);
    await this.#put({ ...known, banned: [{ tiling, atMs: Date.now() }, ...others].slice(0, TILINGS_MOST) });
  }

  async #put(tuned: Tuned): Promise<void> {
    const others = this.#content.adapters.filter(({ key }) => key !== tuned.key);
    await this.#write({ adapters: [tuned, ...others].slice(0, ADAPTERS_MOST), trying: null });
  }

  async #write(content: Content): Promise<void> {
    await this.#file.write(content);
    this.#content = content;
  }
}
