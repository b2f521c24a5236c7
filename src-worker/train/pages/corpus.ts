import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { sha256Hex } from '../../../src-node/sha256.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { scaled } from '../../../src-shared/pages.ts';
import { bytesToTokens, packedDigest } from './packing.ts';
import type { Page, PageSource } from './page-source.ts';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));
const tokenCount = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(2 ** 28));
const stream = v.object({ tokens: tokenCount, documents: tokenCount, sha256: digest });

/** corpus.json, written by tools/tasks/pack-corpus.ts. */
export const corpusSchema = v.object({
  format: v.literal(1),
  tokenizer: v.literal('practice-4096'),
  endOfText: v.number(),
  sources: v.array(v.object({ package: v.string(), version: v.string(), documents: v.number() })),
  train: stream,
  heldOut: stream,
  /** SHA-256 over the fields above in canonical form: integers and texts only, equal on every machine. */
  manifest: digest,
  /** Nats per token; for the page and for tests, agreed on by nobody. */
  unigram: v.object({ trainEntropy: v.number(), heldOutCrossEntropy: v.number() }),
  /** Pages of the practice profile: 64 sequences of 64. */
  pages: v.object({ sequences: v.number(), context: v.number(), sha256: v.array(digest) }),
});

export type CorpusDescription = v.InferOutput<typeof corpusSchema>;

/** Hash of what all peers of a run must share about the corpus. */
export function corpusManifest(corpus: Omit<CorpusDescription, 'manifest' | 'unigram' | 'pages'>): string {
  const { format, tokenizer, endOfText, train, heldOut } = corpus;
  const fields = [format, tokenizer, endOfText, train.tokens, train.sha256, heldOut.tokens, heldOut.sha256];
  return sha256Hex(['butterfly/corpus', ...fields].join('\n'));
}

export type EmbeddedCorpus = PageSource & {
  readonly description: CorpusDescription;
  readonly pageCount: number;
  /** Packed text that no page holds, for evaluation. */
  readonly heldOut: Uint16Array;
};

export type PageGrid = { readonly context: number; readonly pageSequences: number };

/**
 * The corpus that comes with the app, whole in memory (6 MB). Page p is `pageSequences` sequences from token
 * p * pageSequences * context on; the tail that fills no page is not used.
 * @throws {AppError} CORPUS_CORRUPT when a file is missing or is not what it was at the build.
 */
export async function openEmbeddedCorpus(
  folder: string,
  { context, pageSequences }: PageGrid,
): Promise<EmbeddedCorpus> {
  const description = await readDescription(folder);
  const train = await readStream(folder, 'train.u16', description.train);
  const heldOut = await readStream(folder, 'held-out.u16', description.heldOut);
  const stride = context * pageSequences;
  const pageCount = Math.floor((train.length - 1) / stride);
  return {
    description,
    heldOut,
    manifestHash: description.manifest,
    pageCount,
    draw: async ({ first }) => scaled(first, pageCount),
    async loadPage(index, signal): Promise<Page> {
      signal.throwIfAborted();
      if (!Number.isInteger(index) || index < 0 || index >= pageCount)
        throw new RangeError(`page ${index} of ${pageCount}`);
      const tokens = train.slice(index * stride, (index + 1) * stride + 1);
      return { index, sequences: pageSequences, tokens, sha256: packedDigest(tokens) };
    },
  };
}

async function readDescription(folder: string): Promise<CorpusDescription> {
  const path = join(folder, 'corpus.json');
  try {
    const description = v.parse(corpusSchema, JSON.parse(await readFile(path, 'utf8')));
    if (corpusManifest(description) === description.manifest) return description;
  } catch (error) {
    throw new AppError('CORPUS_CORRUPT', { path }, error);
  }
  throw new AppError('CORPUS_CORRUPT', { path });
}

async function readStream(folder: string, name: string, expected: { sha256: string }): Promise<Uint16Array> {
  const path = join(folder, name);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new AppError('CORPUS_CORRUPT', { path }, error);
  }
  if (sha256Hex(bytes) !== expected.sha256) throw new AppError('CORPUS_CORRUPT', { path });
  return bytesToTokens(bytes);
}
