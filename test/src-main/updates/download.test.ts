import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { verifyFile } from '../../../src-main/updates/download.ts';
import { content, fileOf } from './release-rig.ts';

const wanted = { version: '0.2.0', file: fileOf(content) };

/** A file that lies where a release's does. */
async function fileWith(bytes: Uint8Array): Promise<{ path: string; names(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-release-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, wanted.file.name);
  await writeFile(path, bytes);
  return { path, names: () => readdir(folder) };
}

describe('a file that is held against what was signed', () => {
  const { signal } = new AbortController();

  it('stays where it is that, and goes where it is not', async () => {
    const whole = await fileWith(content);
    await verifyFile(whole.path, wanted, signal);
    expect(await whole.names()).toHaveLength(1);
    const other = await fileWith(Buffer.alloc(content.length));
    await expect(verifyFile(other.path, wanted, signal)).rejects.toThrow('UPDATE_FILE_WRONG');
    expect(await other.names()).toEqual([]);
  });

  it('is read no further once nobody waits for it, and stays', async () => {
    const { path, names } = await fileWith(Buffer.alloc(content.length));
    const leaving = new AbortController();
    const verified = verifyFile(path, wanted, leaving.signal);
    leaving.abort();
    await expect(verified).rejects.toThrow('CANCELLED');
    expect(await names()).toHaveLength(1);
  });
});
