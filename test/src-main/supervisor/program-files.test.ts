import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { besideArchive, type PackedPlace } from '../../../src-main/entry-path.ts';
import { programFiles } from '../../../src-main/supervisor/program-files.ts';

const files: Readonly<Record<string, string>> = {
  'runtime/node': 'a runtime',
  'app.asar.unpacked/out/worker/train.js': 'a program',
};
const BESIDE = 'app.asar.unpacked/out/packed-files.json';
const sealed = (text: string) => ({
  bytes: Buffer.byteLength(text),
  sha256: createHash('sha256').update(text).digest('hex'),
});
const never = new AbortController().signal;

describe('files of an installed app', () => {
  let place: PackedPlace;
  let entry: string;
  const at = (name: string) => join(place.resources, name);
  beforeEach(async () => {
    const resources = await mkdtemp(join(tmpdir(), 'butterfly-packed-'));
    place = { resources, list: join(resources, 'packed-files.json') };
    entry = at('app.asar.unpacked/out/worker/train.js');
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(at(name)), { recursive: true });
      await writeFile(at(name), text);
    }
    await list(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, sealed(text)])));
  });
  afterEach(() => rm(place.resources, { recursive: true }));
  async function list(of: object) {
    for (const path of [place.list, at(BESIDE)])
      await writeFile(path, JSON.stringify({ format: 1, files: of }));
  }

  it('are demanded whole before the first child, each with what is wrong with it', async () => {
    const whole = programFiles(place);
    await whole.demand(entry, never);
    // Not summed up again in the same start.
    await writeFile(at('runtime/node'), 'another run');
    await whole.demand(entry, never);

    const path = at('runtime/node');
    await expect(programFiles(place).demand(entry, never)).rejects.toMatchObject({
      code: 'PROGRAM_FILE_DAMAGED',
      params: { path },
    });
    await writeFile(path, 'a rumtime');
    await expect(programFiles(place).demand(entry, never)).rejects.toMatchObject({ params: { path } });
    await rm(path);
    await expect(programFiles(place).demand(entry, never)).rejects.toMatchObject({
      code: 'PROGRAM_FILE_MISSING',
      params: { path },
    });
  });

  it('one that was brought back is found again', async () => {
    const whole = programFiles(place);
    await rm(at('runtime/node'));
    await expect(whole.demand(entry, never)).rejects.toMatchObject({ code: 'PROGRAM_FILE_MISSING' });
    await writeFile(at('runtime/node'), 'a runtime');
    await whole.demand(entry, never);
    await rm(entry);
    await expect(whole.demand(entry, never)).rejects.toMatchObject({ params: { path: entry } });
  });

  it('those of another version are not started by a host that began before it was installed', async () => {
    const whole = programFiles(place);
    await whole.demand(entry, never);
    // As a package of a distribution does it: the archive that runs is held open, and what lies beside it is new.
    await writeFile(entry, 'a newer program');
    await writeFile(at(BESIDE), JSON.stringify({ format: 1, files: { newer: null } }));
    await expect(whole.demand(entry, never)).rejects.toMatchObject({ code: 'PROGRAM_REPLACED' });
    await rm(at(BESIDE));
    await expect(whole.demand(entry, never)).rejects.toMatchObject({
      code: 'PROGRAM_FILE_MISSING',
      params: { path: at(BESIDE) },
    });
  });

  it('one whose signature came later has to be there, whatever is in it', async () => {
    await list({ 'runtime/node': null });
    await writeFile(at('runtime/node'), 'a runtime and a signature');
    await programFiles(place).demand(entry, never);
    await rm(at('runtime/node'));
    await expect(programFiles(place).demand(entry, never)).rejects.toMatchObject({
      code: 'PROGRAM_FILE_MISSING',
    });
  });

  it('a list that names a place elsewhere, or is none, vouches for nothing', async () => {
    for (const text of [
      JSON.stringify({ format: 1, files: { '../elsewhere': null } }),
      '{',
      '{"format":2}',
    ]) {
      await writeFile(place.list, text);
      await expect(programFiles(place).demand(entry, never)).rejects.toMatchObject({
        code: 'PROGRAM_FILE_DAMAGED',
        params: { path: place.list },
      });
    }
  });

  it('who waits can give up', async () => {
    const over = AbortSignal.abort(new Error('over'));
    await expect(programFiles(place).demand(entry, over)).rejects.toThrow();
  });

  it('a build that is not installed changes under a developer’s hands', async () => {
    await writeFile(entry, 'another program');
    await programFiles(null).demand(entry, never);
    await rm(entry);
    await expect(programFiles(null).demand(entry, never)).rejects.toMatchObject({
      code: 'PROGRAM_FILE_MISSING',
    });
  });
});

it('a program lies beside the archive, which a plain Node cannot read', () => {
  const beside = (url: string) => besideArchive(new URL(url)).href;
  expect(beside('file:///opt/Butterfly/resources/app.asar/out/host/serve.js')).toBe(
    'file:///opt/Butterfly/resources/app.asar.unpacked/out/host/serve.js',
  );
  // The innermost one: what a person calls a folder of theirs is theirs.
  expect(beside('file:///home/app.asar/b/resources/app.asar/out/x.js')).toBe(
    'file:///home/app.asar/b/resources/app.asar.unpacked/out/x.js',
  );
  for (const own of ['file:///srv/out/host/serve.js', 'file:///a/app.asar.unpacked/out/x.js'])
    expect(beside(own)).toBe(own);
});
