import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { readError } from '../../../src-node/disk-error.ts';
import { writeAt } from '../../../src-node/durable.ts';
import { parseJson } from '../../../src-node/durable-json.ts';
import { count, digest } from '../../../src-shared/contract/fields.ts';
import { contributorsFromHex, contributorsToHex } from '../../../src-shared/reduce/bitmap.ts';
import type { Hex } from '../../../src-shared/units.ts';
import type { SpoolDisk } from '../spool-disk.ts';
import { orClosed } from './or-closed.ts';
import type { RoundPlan } from './plan.ts';

/** What a reducer has said of one of its chunks, but for the values, which lie in the average file. */
export interface Answer {
  readonly contributors: bigint;
  readonly divisor: number;
  readonly signature: Uint8Array;
  readonly digest: Hex;
  /** Bytes of the encoded result. */
  readonly sizeBytes: number;
}

const FILE = 'answers.jsonl';
const headSchema = v.object({ round: count, rosterDigest: digest });
const lineSchema = v.object({
  chunk: count,
  answer: v.nullable(
    v.object({
      contributors: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
      divisor: count,
      signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/)),
      digest,
      sizeBytes: count,
    }),
  ),
});

/**
 * The answers of this reducer in a round, each on disk before anybody hears it: after a restart it says the same
 * again and never anything else of a chunk, for members that hold different answers would compute different models.
 */
export class Answers {
  /** What was said before this start; null is "no result". */
  readonly earlier: ReadonlyMap<number, Answer | null>;
  /** False where the file is damaged: what is not in it may have been said all the same, so it is not said anew. */
  readonly isWhole: boolean;
  /** Whether this member took part before this start. */
  readonly isResumed: boolean;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #disk: SpoolDisk;
  readonly #signal: AbortSignal;
  #atByte: number;
  #waiting: { readonly text: string; readonly done: PromiseWithResolvers<void> }[] = [];
  #flushing = false;

  /** @param signal ends the wait for room on a full disk */
  static async open(plan: RoundPlan, folder: string, disk: SpoolDisk, signal: AbortSignal): Promise<Answers> {
    const path = join(folder, FILE);
    const text = await readText(path);
    const { round } = plan.roster;
    const head = `${JSON.stringify({ round, rosterDigest: plan.rosterDigest })}\n`;
    const isNew = isOfAnother(text, head);
    const file = await disk.step('open', path, signal, () => open(path, isNew ? 'w+' : 'r+'));
    if (!isNew) {
      const said = readLines(text, text.indexOf('\n') + 1);
      return new Answers(path, file, disk, signal, {
        ...said,
        isWhole: said.isWhole && text.startsWith(head),
        isResumed: true,
      });
    }
    const answers = new Answers(path, file, disk, signal, {
      earlier: new Map(),
      isWhole: true,
      isResumed: false,
      bytes: 0,
    });
    await orClosed(answers, () => answers.#append(head));
    return answers;
  }

  private constructor(
    path: string,
    file: FileHandle,
    disk: SpoolDisk,
    signal: AbortSignal,
    read: Pick<Answers, 'earlier' | 'isWhole' | 'isResumed'> & { readonly bytes: number },
  ) {
    this.#path = path;
    this.#file = file;
    this.#disk = disk;
    this.#signal = signal;
    this.earlier = read.earlier;
    this.isWhole = read.isWhole;
    this.isResumed = read.isResumed;
    this.#atByte = read.bytes;
  }

  /**
   * Resolves once the answer is on disk; answers that come together are synced together.
   * @param syncValues makes the values durable of which the answers speak
   */
  keep(chunk: number, answer: Answer | null, syncValues: () => Promise<void>): Promise<void> {
    const written = answer && {
      contributors: contributorsToHex(answer.contributors),
      divisor: answer.divisor,
      signature: Buffer.from(answer.signature).toString('hex'),
      digest: answer.digest,
      sizeBytes: answer.sizeBytes,
    };
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ text: `${JSON.stringify({ chunk, answer: written })}\n`, done });
    if (!this.#flushing) void this.#flush(syncValues);
    return done.promise;
  }

  /** Whether nothing was said of that chunk. Behind a damaged file any of the others may have been answered, too. */
  mayAnswer(chunk: number): boolean {
    return this.isWhole && !this.earlier.has(chunk);
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #flush(syncValues: () => Promise<void>): Promise<void> {
    this.#flushing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await syncValues()
        .then(() => this.#append(batch.map(({ text }) => text).join('')))
        .then(
          () => batch.forEach(({ done }) => void done.resolve()),
          (thrown: unknown) => batch.forEach(({ done }) => void done.reject(thrown)),
        );
    }
    this.#flushing = false;
  }

  /** By position, so that a write that found no room for its end is repeated over its own beginning. */
  async #append(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#disk.step('write', this.#path, this.#signal, () => writeAt(this.#file, bytes, this.#atByte));
    await this.#disk.step('sync', this.#path, this.#signal, () => this.#file.sync());
    this.#atByte += bytes.length;
  }
}

/** Nothing was said yet where there is no file. @throws what else the disk says: a file that cannot be read now is kept */
async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code !== 'ENOENT') throw readError(thrown, path);
    return '';
  });
}

/** Whether nothing in it was said of this roster. A first line that cannot be read may have been ours. */
function isOfAnother(text: string, head: string): boolean {
  const end = text.indexOf('\n') + 1;
  if (end === 0) return true;
  return text.slice(0, end) !== head && v.is(headSchema, parseJson(text.slice(0, end)));
}

/** A last line without its end was never said; a line in the middle that cannot be read was. */
function readLines(text: string, from: number) {
  const earlier = new Map<number, Answer | null>();
  const end = text.lastIndexOf('\n') + 1;
  let isWhole = true;
  for (const line of text.slice(from, end).split('\n').slice(0, -1)) {
    const said = readLine(line);
    if (said) earlier.set(said.chunk, said.answer);
    else isWhole = false;
  }
  return { earlier, isWhole, bytes: Buffer.byteLength(text.slice(0, end)) };
}

function readLine(line: string): { readonly chunk: number; readonly answer: Answer | null } | null {
  try {
    const { chunk, answer } = v.parse(lineSchema, JSON.parse(line));
    if (!answer) return { chunk, answer };
    const contributors = contributorsFromHex(answer.contributors);
    return { chunk, answer: { ...answer, contributors, signature: Buffer.from(answer.signature, 'hex') } };
  } catch {
    return null;
  }
}
