import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { describe, expect, onTestFinished, test } from 'vitest';
import { devnetInitSchema } from '../../../src-shared/contract/devnet.ts';
import { Chain } from '../../../src-worker/devnet/chain/chain.ts';
import { HISTORY_BLOCKS } from '../../../src-worker/devnet/limits.ts';
import { canWatchFiles, expectDurable, type FileEvent, watchFiles } from '../../file-watch.ts';
import { options } from './genesis.ts';

const COPIES = ['log', 'twin'];
const segment = (first: number, copy: string) => `blocks-${String(first).padStart(10, '0')}.${copy}`;

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'devnet-power-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

function open(dataDir: string): Chain {
  const chain = new Chain(v.parse(devnetInitSchema, options({ dataDir })));
  onTestFinished(() => chain.close());
  return chain;
}

/** A chain of five blocks, closed in order, one of whose files is then changed. */
function changed(copy: string, change: (file: Buffer) => Buffer): { dir: string; path: string } {
  const dir = newFolder();
  const chain = open(dir);
  while (chain.headNumber < 5) chain.seal();
  chain.close();
  const path = join(dir, segment(0, copy));
  writeFileSync(path, change(readFileSync(path)));
  return { dir, path };
}

/** What was done to a file itself, not to drafts of it. */
const doneTo = (events: readonly FileEvent[], path: string) =>
  events.filter((event) => event.path === path).map(({ what }) => what);

describe.runIf(canWatchFiles)('a power cut', () => {
  test('takes no block that was sealed: its line is synced in both files', async () => {
    const dir = newFolder();
    const chain = open(dir);
    const events = await watchFiles();
    chain.seal();
    for (const copy of COPIES) expect(doneTo(events, join(dir, segment(0, copy)))).toEqual(['write', 'sync']);
  });

  test('takes no segment: both of its files are synced, named, and their folder synced', async () => {
    const dir = newFolder();
    const events = await watchFiles();
    const chain = open(dir);
    while (chain.headNumber <= HISTORY_BLOCKS) chain.seal();
    for (const first of [0, HISTORY_BLOCKS])
      for (const copy of COPIES) {
        const path = join(dir, segment(first, copy));
        const naming = events.findIndex((event) => event.what === 'rename' && event.path === path);
        // Before the first line is added to it.
        const adding = events.findIndex((event, at) => at > naming && event.path === path);
        expectDurable(events.slice(0, adding), path);
      }
  });

  test('takes no repair: what replaces a damaged file is as durable as that was', async () => {
    const { dir, path } = changed('log', (file) => {
      const middle = file.indexOf(10) + 40;
      file.writeUInt8(file.readUInt8(middle) ^ 1, middle);
      return file;
    });
    const events = await watchFiles();
    open(dir);
    expectDurable(events, path);
    const aside = events.findIndex((event) => event.path === `${path}.damaged-1`);
    expect(events[aside + 1]).toMatchObject({ what: 'sync', path: dir });
  });

  test('takes no line that one file got from the other', async () => {
    const { dir, path } = changed('twin', (file) =>
      file.subarray(0, file.lastIndexOf(10, file.length - 2) + 1),
    );
    const events = await watchFiles();
    open(dir);
    expect(doneTo(events, path)).toEqual(['write', 'sync']);
  });
});
