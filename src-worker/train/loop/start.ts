import type { EventName, EventOf, InitOf, ReadyOf } from '../../../src-shared/contract/child.ts';
import { type Footprint, isShort } from '../../../src-shared/contract/footprint.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import { parameterCount } from '../../../src-shared/model/layout.ts';
import { hex } from '../../../src-shared/units.ts';
import type { Engine } from '../engine/engine.ts';
import type { Throttle } from '../engine/throttle.ts';
import { footprintOf } from '../footprint.ts';
import type { Slices } from '../slices.ts';
import type { Disk, Told } from '../state/disk.ts';
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
  /** Memory of the computer that could be had before the engine was made; null: nobody can tell. */
  readonly freeRamBytes: number | null;
  readonly labour: Labour;
  readonly disk: Disk;
  readonly slices: Slices;
  readonly throttle: Throttle;
  readonly told: Told;
  initialWeights(): Promise<Float32Array>;
  emit<N extends EventName<TrainContract>>(name: N, payload: EventOf<TrainContract, N>): void;
  /** The loop failed; nothing trains any more. */
  failed(thrown: unknown): void;
}

/** What a run takes of the computer: a person is told where there is less of it, and it begins all the same. */
async function tellFootprint(init: InitOf<TrainContract>, parts: Parts): Promise<Footprint> {
  const { engine, freeRamBytes, told } = parts;
  const { stateDir, spoolDir, trains, consensus, text } = init;
  const footprint = await footprintOf({
    ...{ stateDir, spoolDir, text, trains, freeRamBytes, plan: engine.plan },
    parameters: parameterCount(consensus.model),
    isOnProcessor: engine.capabilities.id === 'cpu',
    codec: consensus.codec,
  });
  const { ram, disk } = footprint;
  const mib = ({ bytes, freeBytes }: Footprint['ram']) => ({
    neededMib: Math.ceil(bytes / 2 ** 20),
    freeMib: Math.floor((freeBytes ?? 0) / 2 ** 20),
  });
  if (isShort(ram)) told.notice(new AppError('RAM_SHORT', mib(ram)));
  else told.clearNotice('RAM_SHORT');
  if (isShort(disk)) told.notice(new AppError('DISK_SHORT', { ...mib(disk), path: stateDir }));
  else told.clearNotice('DISK_SHORT');
  return footprint;
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
  else await local.restart(replica.base);

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
    spareCursor: { page: 0, sequence: 0 },
    faultyText: null,
    told: parts.told,
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
    footprint: await tellFootprint(init, parts),
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
      await corpus.stop?.();
    },
  };
}
