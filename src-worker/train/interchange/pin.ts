import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { Dataset } from '../../../src-shared/profile/schema.ts';
import { filesManifest, hubManifest } from '../../../src-shared/text-manifest.ts';
import { hex } from '../../../src-shared/units.ts';
import { openEmbeddedCorpus } from '../pages/corpus.ts';
import { listTextFiles } from '../pages/files/text-folder.ts';
import { commitOf, listShards } from '../pages/hub/listing.ts';
import type { Origin } from '../pages/hub/origin.ts';

export interface PinGround {
  readonly corpusDir: string;
  /** Where this computer has the files of a data set of kind `files`; null where nobody said. */
  readonly textFolder: string | null;
  /** https://huggingface.co, or a mirror's. */
  readonly hubUrl: string;
  readonly origin: Origin;
}

/**
 * The same data set, as it is now and for ever: its commit, and a digest over all that decides about its pages.
 * @throws {AppError} CORPUS_CORRUPT, TEXT_FOLDER_NEEDED, or of the Hub or the files: TEXT_NOT_FOUND, TEXT_TOO_LARGE, …
 */
export async function pinDataset(
  dataset: Dataset,
  { corpusDir, textFolder, hubUrl, origin }: PinGround,
  signal: AbortSignal,
): Promise<Dataset> {
  switch (dataset.kind) {
    case 'embedded': {
      // How the corpus is cut into pages is of no account here.
      const { description } = await openEmbeddedCorpus(corpusDir, { context: 1, pageSequences: 1 });
      return { ...dataset, manifest: hex(description.manifest) };
    }
    case 'hub': {
      const { id, revision, path: folder } = dataset;
      const commit = await commitOf(origin, { hubUrl, id }, revision, signal);
      const shards = await listShards(origin, { hubUrl, id }, { commit, folder }, signal);
      return { ...dataset, revision: commit, manifest: hubManifest({ id, commit, shards }) };
    }
    case 'files':
      if (textFolder === null) throw new AppError('TEXT_FOLDER_NEEDED', { name: dataset.name });
      return { ...dataset, manifest: filesManifest(await listTextFiles(textFolder, null, signal)) };
  }
}
