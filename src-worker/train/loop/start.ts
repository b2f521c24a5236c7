import type { EventOf, InitOf, ReadyOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { hex } from '../../../src-shared/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { Disk } from '../state/disk.ts';
import { openReplica } from '../state/open.ts';
import { keepQuietly, standingOf } from '../state/replica.ts';
import { Turns } from '../turns.ts';
import { benchmark } from './benchmark.ts';
import { trainCalls } from './calls.ts';
import { EngineLocal } from './engine-local.ts';
import { Gate } from './gate.ts';
import { elementsOf } from './gradients.ts';
import type { Labour } from './labour.ts';
import { StepReport } from './step-report.ts';
import type { Corpus, Trainer } from './trainer.ts';

export interface Parts {
  readonly engine: Engine;
  readonly corpus: Corpus;
  readonly unigramEntropy: number | null;
  readonly labour: Labour;
  readonly disk: Disk;
  initialWeights(): Float32Array;
  emit(event: EventOf<TrainContract, 'step'>): void;
  /** The loop failed; nothing trains any more. */
  failed(thrown: unknown): void;
}

/** Puts a `train` process together: state, engine, loop, calls. Stop ends them in the reverse order. */
export async function startTrain(init: InitOf<TrainContract>, parts: Parts, signal: AbortSignal) {
  const { engine, corpus, labour } = parts;
  const stepMs = init.trains ? await benchmark(engine, corpus, init.consensus, signal) : null;
  const local = new EngineLocal(engine, { trains: init.trains });
  const elements = elementsOf(engine);
  const { replica, image } = await openReplica({ ...init, ...parts, elements, local });
  if (image) await local.restore(image);
  else await engine.load(replica.base);

  const trainer: Trainer = {
    ...init,
    engine,
    corpus,
    local,
    replica,
    turns: new Turns(),
    gate: new Gate(),
    report: new StepReport(parts.emit),
    isActive: true,
    assignment: null,
    openings: [],
  };
  const stop = new AbortController();
  const done = labour
    .run(trainer, stop.signal)
    .catch((thrown: unknown) => (stop.signal.aborted ? undefined : parts.failed(thrown)));

  const facts: ReadyOf<TrainContract> = {
    parameters: elements,
    engine: engine.capabilities.description,
    stepMs,
    standing: standingOf(replica),
    unigramEntropy: parts.unigramEntropy,
    manifest: hex(corpus.manifestHash),
  };
  return {
    facts,
    trainer,
    handlers: trainCalls(trainer, labour),
    async stop() {
      stop.abort();
      await done;
      await trainer.turns.take(() => keepQuietly(replica));
      await engine.dispose();
    },
  };
}
