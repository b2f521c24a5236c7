import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { durableJson } from '../../src-node/durable-json.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';

let folder: string;
let told: CodedError[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'butterfly-durable-json-'));
  told = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = () => join(folder, 'a.json');
const copy = () => `${path()}.copy`;
const schema = v.object({ seed: v.string(), block: v.number() });
const value = { seed: 'abc', block: 17 };
const open = (options: { secondCopy?: 'kept'; refuse?(): AppError } = {}) =>
  durableJson({ path: path(), schema, told: (error) => told.push(error), ...options });
const text = (file = path()) => readFile(file, 'utf8');

describe('a small file', () => {
  it('is absent until it is written, and then holds what was written, for people too', async () => {
    expect(await open().read()).toBeNull();
    await open().write(value);
    expect(await open().read()).toEqual(value);
    expect(JSON.parse(await text())).toMatchObject({ value });
    expect(await readdir(folder)).toEqual(['a.json']);
    expect(told).toEqual([]);
  });

  it('keeps what a newer version wrote beside the fields that are known here', async () => {
    const newer = { ...value, colour: 'red', nested: { deep: [1] } };
    await durableJson({ path: path(), schema: v.looseObject({}), told: () => undefined }).write(newer);
    const file = open();
    expect(await file.read()).toEqual(value);
    await file.write({ ...value, block: 18 });
    expect(JSON.parse(await text()).value).toEqual({ ...newer, block: 18 });
    expect((await open().read())?.block).toBe(18);
  });

  it('takes writes in the order of their calls', async () => {
    const file = open();
    await Promise.all(Array.from({ length: 12 }, (_, block) => file.write({ ...value, block })));
    expect((await file.read())?.block).toBe(11);
  });

  it('is read as earlier versions wrote it, and behind a byte order mark', async () => {
    await writeFile(path(), `\uFEFF${JSON.stringify(value)}`);
    expect(await open().read()).toEqual(value);
  });

  it.each([
    ['no JSON', '{"seed":'],
    ['empty', ''],
    ['of another shape', '{"seed":"abc"}'],
    ['without its checksum', '{"value":{"seed":"abc","block":17}}'],
    ['not what its checksum says', `{"value":{"seed":"abc","block":18},"sha256":"${'0'.repeat(64)}"}`],
  ])('that is %s is set aside whole, told, and not read', async (_title, damaged) => {
    await writeFile(path(), damaged);
    expect(await open().read()).toBeNull();
    const movedTo = `${path()}.damaged-1`;
    expect(told).toEqual([{ code: 'FILE_DAMAGED', params: { path: path(), movedTo } }]);
    expect(await text(movedTo)).toBe(damaged);
    await open().write(value);
    expect(await open().read()).toEqual(value);
  });

  it('never reads another value after one bit flipped, wherever it was', async () => {
    await open().write(value);
    const whole = await readFile(path());
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path(), flipped);
      const read = await open().read();
      if (read !== null) expect(read).toEqual(value);
      else await rm(`${path()}.damaged-1`);
    }
  });

  it('set aside twice keeps both', async () => {
    for (const damaged of ['first', 'second']) {
      await writeFile(path(), damaged);
      await open().read();
    }
    expect([await text(`${path()}.damaged-1`), await text(`${path()}.damaged-2`)]).toEqual([
      'first',
      'second',
    ]);
  });

  it('that cannot be read for another reason is no damage: the error says which', async () => {
    await mkdir(path());
    await expect(open().read()).rejects.toBeInstanceOf(AppError);
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  it.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')(
    'that may not be read is left alone',
    async () => {
      await open().write(value);
      await chmod(path(), 0);
      await expect(open().read()).rejects.toMatchObject({ code: 'FILE_UNREADABLE' });
    },
  );
});

describe('a file with a second copy', () => {
  const kept = (refuse?: () => AppError) => open({ secondCopy: 'kept', ...(refuse ? { refuse } : {}) });
  beforeEach(() => kept().write(value));

  it('comes back from it when it is damaged', async () => {
    await writeFile(path(), '{');
    expect(await kept().read()).toEqual(value);
    const movedTo = `${path()}.damaged-1`;
    expect(told).toEqual([{ code: 'FILE_REPAIRED', params: { path: path(), movedTo } }]);
    expect(await kept().read()).toEqual(value);
  });

  it('comes back from it when it is gone', async () => {
    await rm(path());
    expect(await kept().read()).toEqual(value);
    expect(told).toMatchObject([{ code: 'FILE_RESTORED' }]);
  });

  it('that is killed in the midst of its first writing tells of no loss', async () => {
    for (const one of [path(), copy()]) await rm(one);
    // Nothing can be written where the copy is to lie.
    await mkdir(copy());
    await expect(open({ secondCopy: 'kept' }).write(value)).rejects.toThrow();
    await rm(copy(), { recursive: true });
    expect(await open({ secondCopy: 'kept' }).read()).toEqual(value);
    expect(told).toEqual([]);
  });

  it.each(['{', null])('makes the copy anew when that is %j', async (found) => {
    await (found === null ? rm(copy()) : writeFile(copy(), found));
    expect(await kept().read()).toEqual(value);
    expect(await text(copy())).toBe(await text());
  });

  it('holds the newer of two values where a crash came between', async () => {
    await kept().write({ ...value, block: 18 });
    const newer = await text();
    await kept().write(value);
    await writeFile(copy(), newer);
    expect((await kept().read())?.block).toBe(17);
    await writeFile(copy(), newer);
    await writeFile(path(), '');
    expect((await kept().read())?.block).toBe(18);
  });

  it('refuses, and moves nothing, where a guess would do harm', async () => {
    await writeFile(path(), '{');
    await writeFile(copy(), '{');
    const refuse = () => new AppError('COMMITMENT_FILE_CORRUPT', { path: path() });
    await expect(kept(refuse).read()).rejects.toMatchObject({ code: 'COMMITMENT_FILE_CORRUPT' });
    expect((await readdir(folder)).sort()).toEqual(['a.json', 'a.json.copy']);
  });
});
