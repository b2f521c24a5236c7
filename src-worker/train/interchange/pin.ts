import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Dataset } from '../../../src-shared/profile/schema.ts';
import { hex } from '../../../src-shared/units.ts';
import { openEmbeddedCorpus } from '../pages/corpus.ts';

export interface PinGround {
  readonly corpusDir: string;
  /** Where this computer has the files of a data set of kind `files`; null where nobody said. */
  readonly textFolder: string | null;
}

/**
 * The same data set, as it is now and for ever: its commit, and a digest over all that decides about its pages.
 * @throws {AppError} CORPUS_CORRUPT, PIN_TEXT_LATER
 */
export async function pinDataset(dataset: Dataset, { corpusDir }: PinGround): Promise<Dataset> {
  if (dataset.kind !== 'embedded') throw new AppError('PIN_TEXT_LATER');
  // How the corpus is cut into pages is of no account here.
  const { description } = await openEmbeddedCorpus(corpusDir, { context: 1, pageSequences: 1 });
  return { ...dataset, manifest: hex(description.manifest) };
}
