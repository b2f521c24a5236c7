import { type FileHandle, open, stat } from 'node:fs/promises';
import { CHUNK_BYTES } from '../limits.ts';

/**
 * Part of a file as a Blob, which is the form in which libraries of stores take files. Node's own reads 64 kB at a time,
 * which costs a third of the rate; and nothing of this one is in memory but the portion that is on its way.
 */
export class FileSlice extends Blob {
  readonly #path: string;
  readonly #begin: number;
  readonly #end: number;

  /** @throws what the system says of a file that is not there */
  static async open(path: string): Promise<FileSlice> {
    return new FileSlice(path, 0, (await stat(path)).size);
  }

  private constructor(path: string, begin: number, end: number) {
    super([]);
    this.#path = path;
    this.#begin = begin;
    this.#end = end;
    Object.defineProperty(this, 'size', { value: end - begin });
  }

  override slice(begin = 0, end = this.size): FileSlice {
    const first = Math.min(this.#begin + begin, this.#end);
    return new FileSlice(this.#path, first, Math.max(first, Math.min(this.#begin + end, this.#end)));
  }

  override stream(): ReturnType<Blob['stream']> {
    const end = this.#end;
    let at = this.#begin;
    let file: FileHandle | undefined;
    const path = this.#path;
    const stream = new ReadableStream<Uint8Array>({
      async pull(out) {
        file ??= await open(path, 'r');
        try {
          await fill(out, file);
        } catch (thrown) {
          await file.close();
          throw thrown;
        }
      },
      async cancel() {
        await file?.close();
      },
    });
    async function fill(out: ReadableStreamDefaultController<Uint8Array>, file: FileHandle): Promise<void> {
      const portion = new Uint8Array(Math.min(CHUNK_BYTES, end - at));
      const { bytesRead } =
        portion.length > 0 ? await file.read(portion, 0, portion.length, at) : { bytesRead: 0 };
      if (bytesRead > 0) {
        at += bytesRead;
        return out.enqueue(portion.subarray(0, bytesRead));
      }
      await file.close();
      // Shorter than it was: whoever reads was promised so many bytes.
      if (at < end) out.error(new RangeError('the file has become shorter'));
      else out.close();
    }
    return stream as ReturnType<Blob['stream']>;
  }

  override async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    const whole = new Uint8Array(this.size);
    let at = 0;
    for await (const portion of this.stream()) {
      whole.set(portion, at);
      at += portion.length;
    }
    return whole;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  override async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }
}
