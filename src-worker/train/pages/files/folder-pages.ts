import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { scaled } from '../../../../src-shared/pages.ts';
import { filesManifest } from '../../../../src-shared/text-manifest.ts';
import { type PackingRule, PagePacker } from '../page-packer.ts';
import type { Page, PageSource } from '../page-source.ts';
import { readShardTable } from '../parquet/footer.ts';
import { readRows } from '../parquet/row-group.ts';
import { chunkOf, type ShardTable } from '../parquet/shard-table.ts';
import { linesOf, pieceOf, type Readable, STRETCH_BYTES, stretchesOf, textOfLine } from './stretches.ts';
import { type HashMemory, type LocalFile, listTextFiles, readLocal } from './text-folder.ts';

export interface FolderPagesOptions extends PackingRule {
  readonly folder: string;
  /** What the run calls these files. */
  readonly name: string;
  readonly column: string;
  readonly manifestHash: string;
  readonly memory: HashMemory | null;
}

/** Some pages in a row, and how the n-th of them is made. */
interface Section {
  readonly pages: number;
  fill(packer: PagePacker, page: number): Promise<void>;
}

/**
 * Pages of the files that each member has in a folder of its own: numbered through, file by file in the order of names. A
 * Parquet file has its row groups, a file of JSON lines its stretches; plain texts are cut as if they were one, and come
 * last. The files are read through once and held against the manifest.
 */
export function folderPages(options: FolderPagesOptions): PageSource {
  const { manifestHash, name, folder, tokenizer, context } = options;
  /** Opened once, whoever else asks meanwhile; what failed is tried anew. */
  let opening: Promise<readonly Section[]> | null = null;
  const sections = (signal: AbortSignal) => {
    opening ??= openSections(options, signal).catch((thrown: unknown) => {
      opening = null;
      throw thrown;
    });
    return opening;
  };
  return {
    manifestHash,
    async draw({ first }, signal) {
      const pages = (await sections(signal)).reduce((sum, section) => sum + section.pages, 0);
      if (pages === 0) throw new AppError('TEXT_NOT_FOUND', { host: folder, what: `text of ${name}` });
      return scaled(first, pages);
    },
    async loadPage(index, signal): Promise<Page> {
      const packer = new PagePacker({ tokenizer, context });
      let page = index;
      for (const section of await sections(signal)) {
        signal.throwIfAborted();
        if (page < section.pages) {
          await section.fill(packer, page);
          return packer.page(index);
        }
        page -= section.pages;
      }
      throw new RangeError(`no page ${index}`);
    },
  };
}

async function openSections(
  { folder, name, column, manifestHash, memory }: FolderPagesOptions,
  signal: AbortSignal,
): Promise<readonly Section[]> {
  const files = await listTextFiles(folder, memory, signal);
  const found = filesManifest(files);
  if (found !== manifestHash)
    throw new AppError('TEXT_MANIFEST_DIFFERS', { what: name, found, expected: manifestHash });
  const sections: Section[] = [];
  for (const file of files)
    if (file.format === 'parquet') sections.push(rowGroups(file, await tableOf(file, column)));
    else if (file.format === 'lines') sections.push(lines(file, column));
  return [...sections, joined(files.filter(({ format }) => format === 'text'))];
}

const tableOf = (file: LocalFile, column: string): Promise<ShardTable> =>
  readShardTable({ what: file.name, sizeBytes: file.sizeBytes, column }, (start, end) =>
    readLocal(file, start, end),
  );

const rowGroups = (file: LocalFile, table: ShardTable): Section => ({
  pages: table.rowGroups.length,
  async fill(packer, page) {
    const chunk = chunkOf(table, page);
    if (!chunk || chunk.rows === 0) return;
    const bytes = await readLocal(file, chunk.start, chunk.start + chunk.bytes);
    for (const row of readRows(file.name, chunk, bytes)) packer.add(row);
  },
});

const readable = (file: LocalFile): Readable => ({
  sizeBytes: file.sizeBytes,
  read: (start, end) => readLocal(file, start, end),
});

const lines = (file: LocalFile, column: string): Section => ({
  pages: stretchesOf(file.sizeBytes),
  async fill(packer, page) {
    for await (const line of linesOf(readable(file), page)) {
      const text = textOfLine(line, column);
      if (text !== null) packer.addText(text);
    }
  },
});

/** Texts one behind the other: of each that a stretch touches, the piece in it is a document. */
function joined(files: readonly LocalFile[]): Section {
  const places: { readonly file: LocalFile; readonly from: number }[] = [];
  let sizeBytes = 0;
  for (const file of files) {
    places.push({ file, from: sizeBytes });
    sizeBytes += file.sizeBytes;
  }
  return {
    pages: stretchesOf(sizeBytes),
    async fill(packer, page) {
      const start = page * STRETCH_BYTES;
      const end = Math.min(start + STRETCH_BYTES, sizeBytes);
      for (const { file, from } of places) {
        const begin = Math.max(start, from) - from;
        const close = Math.min(end, from + file.sizeBytes) - from;
        if (begin < close) packer.add(await pieceOf(readable(file), begin, close));
      }
    },
  };
}
