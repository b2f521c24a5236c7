import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import { type DurableJson, durableJson } from '../../../../../src-node/durable-json.ts';
import type { CodedError } from '../../../../../src-shared/errors/app-error.ts';

/** Adapters of which the fastest tiles are remembered. */
const ADAPTERS_MOST = 8;
const name = v.pipe(v.string(), v.maxLength(64));

const schema = v.object({
  adapters: v.pipe(
    v.array(
      v.object({
        /** Adapter, driver and library: with another one of them other tiles may be faster. */
        key: v.pipe(v.string(), v.maxLength(1024)),
        /** For each class of products. */
        fastest: v.record(name, name),
        /** Tiles with which a process died or a device was lost. */
        banned: v.pipe(v.array(name), v.maxLength(64)),
      }),
    ),
    v.maxLength(ADAPTERS_MOST),
  ),
  /** What is being tried. A file in which it stands was left by a process that did not live to see the end of it. */
  trying: v.nullable(v.object({ key: v.pipe(v.string(), v.maxLength(1024)), tiling: name })),
});

type Content = v.InferOutput<typeof schema>;
export type Tuned = Content['adapters'][number];

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

  get tuned(): Tuned {
    return this.#of(this.#key);
  }

  /** From here on a process that dies has died of it. */
  async trying(tiling: string): Promise<void> {
    await this.#write({ ...this.#content, trying: { key: this.#key, tiling } });
  }

  /** It was survived. */
  async survived(): Promise<void> {
    if (this.#content.trying) await this.#write({ ...this.#content, trying: null });
  }

  /** It cost the device. */
  async ban(tiling: string): Promise<void> {
    await this.#ban(this.#key, tiling);
  }

  async keep(fastest: Readonly<Record<string, string>>): Promise<void> {
    await this.#put({ ...this.tuned, fastest: { ...this.tuned.fastest, ...fastest } });
  }

  #of(key: string): Tuned {
    return this.#content.adapters.find((one) => one.key === key) ?? { key, fastest: {}, banned: [] };
  }

  async #ban(key: string, tiling: string): Promise<void> {
    const known = this.#of(key);
    await this.#put({ ...known, banned: [...new Set([...known.banned, tiling])] });
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
