import { appendFile, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { decode } from 'gpt-tokenizer/encoding/r50k_base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { filesManifest } from '../../../../../src-shared/text-manifest.ts';
import { folderPages } from '../../../../../src-worker/train/pages/files/folder-pages.ts';
import {
  linesOf,
  pieceOf,
  STRETCH_BYTES,
  textOfLine,
} from '../../../../../src-worker/train/pages/files/stretches.ts';
import { listTextFiles } from '../../../../../src-worker/train/pages/files/text-folder.ts';
import { LINE_MAX_BYTES } from '../../../../../src-worker/train/pages/limits.ts';
import { runs } from '../../../../runs.ts';
import { fixture, written } from '../parquet/fixtures.ts';

/** Of one test, on a busy machine. */
let signal: AbortSignal;
beforeEach(() => {
  signal = AbortSignal.timeout(60_000);
});
const END = 50_256;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-files-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}

const manifest = async () => filesManifest(await listTextFiles(folder, null, signal));

async function source(manifestHash?: string) {
  return folderPages({
    ...{ folder, name: 'ours', column: 'text', memory: null, tokenizer: 'gpt2', context: 4 },
    manifestHash: manifestHash ?? (await manifest()),
  });
}

/** The documents of a page, as far as its last whole sequence goes. */
async function documentsOf(page: number): Promise<string[]> {
  const { tokens } = await (await source()).loadPage(page, signal);
  const documents: number[][] = [[]];
  for (const token of tokens) {
    if (token === END) documents.push([]);
    else documents.at(-1)!.push(token);
  }
  return documents.filter(({ length }) => length > 0).map((document) => decode(document));
}

const long = (text: string) => `${text} and so on, and on, and on, until a sequence is full of it.`;

describe('a team’s folder', () => {
  it('has its files in the order of their names, with what is hidden, linked or of another kind left out', async () => {
    await put({
      'b/two.TXT': 'two',
      'a.jsonl': '{}',
      '.hidden/x.txt': 'x',
      'picture.png': 'x',
      'été.md': 'x',
    });
    await symlink(join(folder, 'a.jsonl'), join(folder, 'link.jsonl'));
    const files = await listTextFiles(folder, null, signal);
    expect(files.map(({ name, format }) => [name, format])).toEqual([
      ['a.jsonl', 'lines'],
      ['b/two.TXT', 'text'],
      ['été.md', 'text'],
    ]);
  });

  it('is read through once: what has the same size and time is remembered', async () => {
    await put({ 'a.txt': 'one text', 'b.txt': 'two' });
    const memory = { path: join(folder, 'files.json'), told: () => {} };
    const first = await listTextFiles(folder, memory, signal);
    // Other bytes under the same size and time are not seen: that is what remembering means.
    await writeFile(join(folder, 'a.txt'), 'ONE TEXT');
    await utimes(join(folder, 'a.txt'), new Date(first[0]!.modifiedAtMs), new Date(first[0]!.modifiedAtMs));
    const times = (await listTextFiles(folder, null, signal)).map(({ modifiedAtMs }) => modifiedAtMs);
    if (times[0] === first[0]!.modifiedAtMs)
      expect(await listTextFiles(folder, memory, signal)).toEqual(first);
    await writeFile(join(folder, 'a.txt'), 'another one');
    expect((await listTextFiles(folder, memory, signal))[0]!.sha256).not.toBe(first[0]!.sha256);
  });

  it('of other text than the run’s is refused', async () => {
    await put({ 'a.txt': 'text' });
    const pages = await source('00'.repeat(32));
    await expect(pages.draw({ first: 0n, second: 0n }, signal)).rejects.toMatchObject({
      code: 'TEXT_MANIFEST_DIFFERS',
    });
  });

  it.each([
    ['without text', { 'a.png': 'x' }, 'TEXT_NOT_FOUND'],
    ['whose text is empty', { 'a.txt': '' }, 'TEXT_NOT_FOUND'],
  ])('%s is told', async (_what, files, code) => {
    await put(files);
    const drawing = source().then((pages) => pages.draw({ first: 0n, second: 0n }, signal));
    await expect(drawing).rejects.toMatchObject({ code });
  });

  it('whose file changes meanwhile is told, and nothing of it used', async () => {
    await put({ 'a.txt': long('a text') });
    const pages = await source();
    await pages.loadPage(0, signal);
    await appendFile(join(folder, 'a.txt'), 'more');
    await expect(pages.loadPage(0, signal)).rejects.toMatchObject({ code: 'TEXT_FILE_CHANGED' });
  });

  it('numbers pages through: row groups, lines, then the texts as one', async () => {
    await put({
      'a.parquet': fixture('zstd'),
      'b.jsonl': `${JSON.stringify({ text: long('a line') })}\n`,
      'c.txt': long('a text'),
      'd.txt': long('another'),
    });
    const pages = await source();
    const last = (1n << 64n) - 1n;
    expect(await pages.draw({ first: last, second: 0n }, signal)).toBe(4);
    expect((await documentsOf(1))[0]).toBe(written.rows[25]);
    expect((await documentsOf(3)).join()).toContain('a line and so on');
    const [first, second] = await documentsOf(4);
    expect(first).toBe(long('a text'));
    expect(second).toContain('another and so on');
    await expect(pages.loadPage(5, signal)).rejects.toThrow(RangeError);
  });

  it('takes lines that are no documents as not there', async () => {
    const lines = [
      'no json',
      '{"text":5}',
      '[]',
      'null',
      '{"other":"x"}',
      '',
      '{"text":""}',
      `{"text":"${'w'.repeat(5_000)}"}`,
    ];
    await put({ 'a.jsonl': `${lines.join('\n')}\r\n{"text":"${long('the only one')}"}` });
    expect(await documentsOf(0)).toHaveLength(1);
  });

  it('reads what is no UTF-8 as the Encoding standard replaces it', async () => {
    const broken = Buffer.concat([
      Buffer.from([0xff, 0x61, 0xe2, 0x82, 0x20, 0xc0, 0x80]),
      Buffer.from(long(' b')),
    ]);
    await put({ 'a.txt': broken });
    expect((await documentsOf(0))[0]).toMatch(/^\ufffda\ufffd \ufffd\ufffd b and/);
  });

  it('holds a document of 100 MB, a page at a time', { timeout: 60_000 }, async () => {
    await put({ 'a.txt': 'one hundred megabytes of words. '.repeat(100e6 / 32) });
    const pages = await source();
    const last = (1n << 64n) - 1n;
    expect(await pages.draw({ first: last, second: 0n }, signal)).toBe(Math.ceil(100e6 / STRETCH_BYTES) - 1);
    expect((await pages.loadPage(20, signal)).sequences).toBeGreaterThan(50_000);
  });
});

describe('stretches', () => {
  const readable = (bytes: Uint8Array) => ({
    sizeBytes: bytes.length,
    read: async (start: number, end: number) => bytes.subarray(start, end),
  });

  it('have every line once, wherever it begins', async () => {
    const lines = Array.from({ length: 9_000 }, (_, i) => `${i} ${'x'.repeat((i * 7_919) % 1_500)}`);
    lines[4_000] = 'y'.repeat(5 * 2 ** 20);
    const bytes = Buffer.from(lines.join('\n'));
    const found: string[] = [];
    for (let stretch = 0; stretch * STRETCH_BYTES < bytes.length; stretch += 1)
      for await (const line of linesOf(readable(bytes), stretch)) found.push(Buffer.from(line).toString());
    expect(found).toEqual(lines);
  });

  it.each([-1, 0, 1])('have the line that begins %d bytes beside a border', async (by) => {
    const bytes = Buffer.from(`${'a'.repeat(STRETCH_BYTES - 1 + by)}\nnext\nlast`);
    const found: number[] = [];
    for (const stretch of [0, 1])
      for await (const line of linesOf(readable(bytes), stretch)) found.push(line.length);
    expect(found).toEqual([STRETCH_BYTES - 1 + by, 4, 4]);
  });

  it('leave out a line that is too long, without holding it', async () => {
    const bytes = Buffer.concat([
      Buffer.from('first\n'),
      Buffer.alloc(LINE_MAX_BYTES + 6, 0x61),
      Buffer.from('\nlast'),
    ]);
    const reads: number[] = [];
    const counted = {
      sizeBytes: bytes.length + 1e12,
      read: async (start: number, end: number) => {
        reads.push(end - start);
        return bytes.subarray(start, end);
      },
    };
    const found: string[] = [];
    for await (const line of linesOf(counted, 0)) found.push(Buffer.from(line).toString());
    expect(found).toEqual(['first']);
    expect(reads.length).toBeLessThan(LINE_MAX_BYTES / STRETCH_BYTES + 3);
  });

  it('cut a text between characters, and lose none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 60 }),
        ),
        fc.array(fc.nat(60), { maxLength: 5 }),
        async (bytes, cuts) => {
          const borders = [
            0,
            ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b),
            bytes.length,
          ];
          const pieces: Uint8Array[] = [];
          for (let i = 0; i + 1 < borders.length; i += 1)
            if (borders[i]! < borders[i + 1]!)
              pieces.push(await pieceOf(readable(bytes), borders[i]!, borders[i + 1]!));
          const isText = Buffer.from(bytes).equals(Buffer.from(Buffer.from(bytes).toString('utf8')));
          if (isText)
            for (const piece of pieces)
              expect(Buffer.from(piece).toString('utf8')).not.toContain('\ufffd\ufffd\ufffd\ufffd');
          expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(bytes.length);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  it('have the text of a line under its own name alone', () => {
    const line = (text: string) => textOfLine(Buffer.from(text), 'text');
    expect(line('{"text":"a\\u00e9"}')).toBe('aé');
    expect(line('{"toString":1}')).toBeNull();
    expect(textOfLine(Buffer.from('{}'), 'constructor')).toBeNull();
  });
});
