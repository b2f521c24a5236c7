import type { EventName, EventOf, InitOf, ReadyOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { hex } from '../../../src-shared/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { Throttle } from '../engine/throttle.ts';
import type { Slices } from '../slices.ts';
import type { Disk } from '../state/disk.ts';
import { keepLocal } from '../state/keep.ts';
import { openReplica } from '../state/open.ts';
import { standingOf } from '../state/replica.ts';
import { whenThereIsRoom } from '../state/room.ts';
import { Turns } from '../turns.ts';
import { ActivityReport } from './activity.ts';
import { benchmark } from './benchmark.ts';
import { trainCalls } from './calls.ts';
import { EngineLocal } from './engine-local.ts';
import { Gate } from './gate.ts';
import type { Labour } from './labour.ts';
import { StepReport } from './step-report.ts';
import type { Corpus, Trainer } from './trainer.ts';

export interface Parts {
  readonly engine: Engine;
  readonly corpus: Corpus;
  readonly unigramEntropy: number | null;
  readonly labour: Labour;
  readonly disk: Disk;
  readonly slices: Slices;
  readonly throttle: Throttle;
  initialWeights(): Promise<Float32Array>;
  emit<N extends EventName<TrainContract>>(name: N, payload: EventOf<TrainContract, N>): void;
  /** The loop failed; nothing trains any more. */
  failed(thrown: unknown): void;
}

/** Puts a `train` process together: state, engine, loop, calls. Stop ends them in the reverse order. */
export async function composeTrain(init: InitOf<TrainContract>, parts: Parts, signal: AbortSignal) {
  const { engine, corpus, labour } = parts;
  const stepMs = init.trains ? await benchmark(engine, corpus, init.consensus, signal) : null;
  const local = new EngineLocal(engine, { trains: init.trains });
  const elements = parameterCount(init.consensus.model);
  const opening = { ...init, ...parts, elements, local };
  const { replica, image } = await whenThereIsRoom(() => openReplica(opening), signal);
  if (image) await local.restore(image);
  else await engine.load(replica.base);

  const trainer: Trainer = {
    ...init,
    engine,
    throttle: parts.throttle,
    corpus,
    local,
    replica,
    turns: new Turns(),
    gate: new Gate(),
    report: new StepReport({
      step: (step) => parts.emit('step', step),
      skipped: (steps) => parts.emit('skipped', { steps }),
    }),
    activity: new ActivityReport((activity) => parts.emit('activity', activity)),
    isActive: true,
    urgent: 0,
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
    computes: engine.capabilities.id,
    backend: engine.capabilities.backend ?? null,
    plan: engine.plan,
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
      await trainer.turns
        .take(() => keepLocal(replica))
        .catch((thrown: unknown) => {
          console.error('the last steps were not kept', thrown);
        });
      await engine.dispose();
    },
  };
}
