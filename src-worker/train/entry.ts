import { join } from 'node:path';
import { type ChildDoor, serveChild } from '../../src-node/child.ts';
import type { InitOf } from '../../src-shared/contract/child.ts';
import { type TrainContract, trainContract } from '../../src-shared/contract/train.ts';
import { AppError } from '../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import { dishonestCalls, dishonestLabour } from './adversaries/adversaries.ts';
import { chooseEngine } from './engine/choose.ts';
import { LossMemory } from './engine/device-losses.ts';
import type { Throttle } from './engine/throttle.ts';
import { ramBeside } from './footprint.ts';
import { freeRam } from './free-ram.ts';
import { EVALUATION_SLICE_WINDOWS } from './limits.ts';
import { honestLabour, type Labour, noLabour } from './loop/labour.ts';
import { composeTrain } from './loop/start.ts';
import { openEmbeddedCorpus } from './pages/corpus.ts';
import { TextSource } from './pages/text-source.ts';
import { Slices } from './slices.ts';
import { agreedWeights } from './state/agreed-weights.ts';
import { Disk } from './state/disk.ts';
import { DEVICE_LOSSES_FILE, TILINGS_FILE } from './state/layout.ts';

type Init = InitOf<TrainContract>;

serveChild(trainContract, async (init, door) => {
  const { consensus } = init;
  const corpus = await openCorpus(init, door);
  const slices = new Slices();
  const freeRamBytes = await freeRam();
  const throttle: Throttle = { share: init.engine.share };
  const { engine, instead, gentler } = await chooseEngine(init.engine, consensus.model, {
    slices,
    throttle,
    losses: new LossMemory(join(init.stateDir, DEVICE_LOSSES_FILE), door),
    tilings: {
      path: join(init.stateDir, TILINGS_FILE),
      told: ({ code, params }) => door.notice(new AppError(code, params)),
    },
    lostInUse: init.lostInUse,
    budgetBytes: init.freeBytes,
    ramBytes: ramBeside(freeRamBytes, parameterCount(consensus.model)),
    maxSequences: Math.max(consensus.inner.sequencesPerMicroBatch, EVALUATION_SLICE_WINDOWS),
    signal: door.stopping,
  });
  for (const notice of [instead, gentler]) if (notice) door.notice(notice);
  const parts = {
    engine,
    corpus,
    unigramEntropy: 'description' in corpus ? corpus.description.unigram.heldOutCrossEntropy : null,
    labour: labourOf(init),
    freeRamBytes,
    told: door,
    disk: new Disk(undefined, door),
    slices,
    throttle,
    initialWeights: () => agreedWeights(consensus, slices),
    emit: door.emit,
    // Without the loop the process is of no use: it ends, and the supervisor starts another.
    failed: (thrown: unknown) => {
      throw thrown;
    },
  };
  const train = await composeTrain(init, parts, door.stopping);
  return { ...train, handlers: dishonestCalls(init.adversary, train.handlers, init.spoolDir) };
});

function labourOf({ trains, adversary }: Init): Labour {
  if (adversary !== null) return dishonestLabour(adversary);
  return trains ? honestLabour : noLabour;
}

/** Text that comes with Butterfly lies in memory; other text has a thread of its own. */
async function openCorpus({ consensus, corpusDir, text }: Init, door: ChildDoor<TrainContract>) {
  const { dataset, model, tokenizer } = consensus;
  if (dataset.kind !== 'embedded') {
    if (!text) throw new AppError('PROFILE_INVALID', { reason: 'nobody said where its text is kept' });
    const { dir: folder, quotaBytes, hubUrl, folder: textFolder } = text;
    return TextSource.start(
      { dataset, tokenizer, context: model.context, corpusDir, folder, quotaBytes, hubUrl, textFolder },
      { told: door, stated: (state) => door.emit('text', state) },
      door.stopping,
    );
  }
  const corpus = await openEmbeddedCorpus(corpusDir, {
    context: model.context,
    pageSequences: dataset.pageSequences,
  });
  if (dataset.manifest !== null && dataset.manifest !== corpus.manifestHash)
    throw new AppError('CORPUS_CORRUPT', { path: corpusDir });
  return corpus;
}
