import { gpt2BytePairs } from './byte-pairs.ts';
import { openEmbeddedCorpus } from './corpus.ts';
import { type PackingRule, PagePacker } from './page-packer.ts';
import type { Page } from './page-source.ts';
import { PRACTICE_END_OF_TEXT } from './tokenizers.ts';

/** Text that comes with Butterfly, in the tokens of any run: what is evaluated on, and trained on where there is no other. */
export interface SpareText {
  /** Text that is in none of its pages. */
  readonly heldOut: Uint16Array;
  readonly pageCount: number;
  page(index: number): Page;
}

/** Tokens of a page made of it, where the corpus has its own grid. */
const PAGE_TOKENS = 262_144;

/**
 * The corpus speaks the practice vocabulary, whose tokens are GPT-2's first: its documents are spelt out and encoded anew.
 * @throws {AppError} CORPUS_CORRUPT
 */
export async function openSpareText(corpusDir: string, rule: PackingRule): Promise<SpareText> {
  const sequences = Math.max(1, Math.floor(PAGE_TOKENS / rule.context));
  // Pages of the corpus as it is, as large as ours: each is made when it is asked for.
  const corpus = await openEmbeddedCorpus(corpusDir, { context: rule.context, pageSequences: sequences });
  const remade = (index: number, practice: Uint16Array): Page => {
    const packer = new PagePacker(rule);
    for (const document of documentsIn(practice)) packer.add(document);
    return packer.page(index);
  };
  const signal = new AbortController().signal;
  const pages = await Promise.all(
    Array.from({ length: corpus.pageCount }, (_, index) => corpus.loadPage(index, signal)),
  );
  return {
    heldOut: remade(0, corpus.heldOut).tokens,
    pageCount: corpus.pageCount,
    page: (index) => remade(index, pages[index % pages.length]!.tokens),
  };
}

/** The bytes between ends of text; the first and the last may be parts of a document. */
function* documentsIn(practice: Uint16Array): Generator<Uint8Array> {
  const { bytes } = gpt2BytePairs();
  let document: string[] = [];
  for (const token of practice) {
    if (token !== PRACTICE_END_OF_TEXT) document.push(bytes[token]!);
    else if (document.length > 0) {
      yield Buffer.from(document.join(''), 'latin1');
      document = [];
    }
  }
  if (document.length > 0) yield Buffer.from(document.join(''), 'latin1');
}
