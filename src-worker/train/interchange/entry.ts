import { type ChildDoor, serveChild } from '../../../src-node/child.ts';
import type { CallHandlers, ParamsOf } from '../../../src-shared/contract/child.ts';
import { type ModelContract, modelContract } from '../../../src-shared/contract/model.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { openEmbeddedCorpus } from '../pages/corpus.ts';
import { Origin } from '../pages/hub/origin.ts';
import { Slices } from '../slices.ts';
import { drawnWeightsDigest } from '../state/agreed-weights.ts';
import { checkState } from './check-state.ts';
import { openContinuing } from './continue-text.ts';
import { exportDownload } from './export-download.ts';
import { inspectModel } from './inspect.ts';
import { writeModelFolder } from './model-folder.ts';
import { pinDataset } from './pin.ts';
import { withWeights } from './run-state.ts';
import { exportState, exportUpdate, importState } from './state-folder.ts';

serveChild(modelContract, async ({ corpusDir }, door) => ({
  facts: {},
  handlers: {
    ...downloads(door),
    exportModel: (asked, signal) =>
      exportModel(asked, signal, (done, all) => door.emit('progress', { done, all })),
    exportState: (asked, signal) =>
      exportState(asked, { signal, seen: (done, all) => door.emit('progress', { done, all }) }),
    exportUpdate: (asked, signal) => exportUpdate(asked, signal),
    importState: (asked, signal) => importState(asked, signal),
    pinDataset: ({ dataset, textFolder, hubUrl }, signal) => {
      const origin = new Origin({ told: () => undefined });
      return pinDataset(dataset, { corpusDir, textFolder, hubUrl, origin }, signal);
    },
    digestInitialWeights: async ({ model, seed }) => ({
      digest: await drawnWeightsDigest(model, seed, new Slices()),
    }),
    inspectModel: (asked, signal) => {
      // How the corpus is cut into pages is of no account here.
      const grid = { context: 1, pageSequences: 1 };
      return inspectModel(asked, async () => (await openEmbeddedCorpus(corpusDir, grid)).heldOut, signal);
    },
  },
  stop: async () => {},
}));

function downloads({ emit }: Pick<ChildDoor<ModelContract>, 'emit'>) {
  const continuing = openContinuing((text) => emit('written', { text }));
  const seen = (done: number, all: number) => emit('progress', { done, all });
  return {
    checkState: ({ folder }, signal) => checkState(folder, { signal, seen }),
    exportDownload: (asked, signal) => exportDownload(asked, { signal, seen }),
    continueText: (asked, signal) => continuing(asked, signal),
  } satisfies Partial<CallHandlers<ModelContract>>;
}

async function exportModel(
  { stateDir, profileHash, hotkey, consensus, which, into }: ParamsOf<ModelContract, 'exportModel'>,
  signal: AbortSignal,
  seen: (done: number, all: number) => void,
) {
  const { model: config, tokenizer, codec, name } = consensus;
  const elements = parameterCount(config);
  const run = { stateDir, profileHash, hotkey, elements, pieceBytes: codec.pieceBytes };
  return withWeights(run, which, async ({ round, read }) => {
    const metadata = { run: name, profile: profileHash, round: String(round), weights: which };
    const sizeBytes = await writeModelFolder(
      into,
      { config, tokenizer, read, metadata },
      { signal, seen: (bytes) => seen(bytes, 4 * elements) },
    );
    return { round, parameters: elements, sizeBytes };
  });
}
