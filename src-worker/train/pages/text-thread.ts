import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError, toCodedError } from '../../../src-shared/errors/app-error.ts';
import { yieldToPeople } from '../priority.ts';
import { Disk, type Told } from '../state/disk.ts';
import { folderPages } from './files/folder-pages.ts';
import { hubStore } from './hub/hub-store.ts';
import { Origin } from './hub/origin.ts';
import { KeptPages } from './kept-pages.ts';
import type { Page, PageSource } from './page-source.ts';
import { shardPages } from './shard-pages.ts';
import { ShardTables } from './shard-tables.ts';
import { openSpareText, type SpareText } from './spare-text.ts';
import type { FromTextThread, TextThreadStart, ToTextThread } from './text-messages.ts';

/**
 * The thread that fetches, unpacks and tokenises: a page takes a second or two of it, in which calls and heartbeats of the
 * process would go unanswered.
 */
const start = workerData as TextThreadStart;
const say = (message: FromTextThread, move: readonly ArrayBuffer[] = []): void =>
  parentPort?.postMessage(message, move);

const told: Told = {
  notice: (error) => say({ kind: 'notice', error: toCodedError(error) }),
  clearNotice: (code) => say({ kind: 'clear', code }),
};

/** As long as the thread: what was asked for is wanted until then, whoever asked has its own patience. */
const life = new AbortController().signal;

interface Parts {
  readonly source: PageSource;
  readonly kept: KeptPages;
  readonly spare: SpareText;
}

/** What the tokens of a page depend on. */
function keyOf({ dataset, tokenizer, context }: TextThreadStart): string {
  return sha256Hex(JSON.stringify([dataset.manifest, dataset.column, tokenizer, context])).slice(0, 16);
}

async function openParts(): Promise<Parts> {
  yieldToPeople();
  const disk = new Disk(undefined, told);
  const { folder, quotaBytes, context } = start;
  const key = keyOf(start);
  const kept = await KeptPages.open({
    folder: join(folder, 'pages'),
    ...{ key, context, quotaBytes, disk, told },
  });
  const tables = join(folder, 'tables', key);
  await disk.makeFolder(tables);
  const source = openSource(tables);
  return { source, kept, spare: await openSpareText(start.corpusDir, start) };
}

function openSource(folder: string): PageSource {
  const { dataset, tokenizer, context, hubUrl, textFolder } = start;
  const { manifest: manifestHash, column } = dataset;
  if (manifestHash === null)
    throw new AppError('PROFILE_INVALID', { reason: 'its data set names no manifest' });
  if (dataset.kind === 'files') {
    const { name } = dataset;
    if (textFolder === null) throw new AppError('TEXT_FOLDER_MISSING', { name });
    const memory = { path: join(folder, 'files.json'), told: told.notice };
    return folderPages({ folder: textFolder, ...{ name, column, manifestHash, tokenizer, context, memory } });
  }
  const { id, revision: commit, path } = dataset;
  const origin = new Origin({ told: (wait) => say({ kind: 'wait', wait }) });
  const store = hubStore(
    origin,
    { ...{ hubUrl, id, commit, manifestHash }, folder: path },
    { keptIn: folder, told },
  );
  const tables = new ShardTables({ store, column, folder, told });
  return shardPages({ manifestHash, store, tables, tokenizer, context });
}

async function answer({ source, kept, spare }: Parts, asked: ToTextThread): Promise<number | Page> {
  switch (asked.kind) {
    case 'draw':
      return source.draw(asked.pair, life);
    case 'page':
      return (await kept.read(asked.index)) ?? made(source, kept, asked.index);
    case 'spare': {
      const here = kept.list();
      const page = here.length > 0 ? await kept.read(here[asked.turn % here.length]!) : null;
      return page ?? spare.page(asked.turn % spare.pageCount);
    }
  }
}

async function made(source: PageSource, kept: KeptPages, index: number): Promise<Page> {
  const page = await source.loadPage(index, life);
  await kept.keep(page);
  say({ kind: 'kept', bytes: kept.bytes, pages: kept.list().length });
  return page;
}

try {
  const parts = await openParts();
  parentPort?.on('message', (asked: ToTextThread) => {
    answer(parts, asked).then(
      (value) =>
        say({ kind: 'answer', id: asked.id, value }, typeof value === 'number' ? [] : [memoryOf(value)]),
      (thrown) => {
        console.error(thrown);
        say({ kind: 'failure', id: asked.id, error: toCodedError(thrown) });
      },
    );
  });
  say({ kind: 'ready', heldOut: parts.spare.heldOut });
  say({ kind: 'kept', bytes: parts.kept.bytes, pages: parts.kept.list().length });
} catch (thrown) {
  console.error(thrown);
  say({ kind: 'fatal', error: toCodedError(thrown) });
}

/** Handed over, not copied; a view's whole memory goes with it. */
const memoryOf = ({ tokens }: Page): ArrayBuffer => tokens.buffer as ArrayBuffer;
