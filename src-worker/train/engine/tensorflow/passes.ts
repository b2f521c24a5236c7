import type { ModelConfig } from '../../../../src-shared/model/layout.ts';
import { type Batch, countTargets, IGNORED_TARGET } from '../engine.ts';
import {
  type Leg,
  type Route,
  routeOf,
  type Stage,
  type Stretch,
  sequencesAtOnce,
  stagesOf,
} from './legs.ts';
import { createModel, type Model } from './model.ts';
import type { PieceVector } from './piece-vector.ts';
import type { Piece } from './pieces.ts';
import type { Scalar, Tensor, Tensor1D, Tensor2D, TensorContainer, Tfjs } from './tfjs.ts';
import type { Turn } from './turn.ts';

/** Whole sequences that are worked together: ids and targets [rows], and each row's share of the loss [rows, 1]. */
interface Sequences {
  readonly rows: number;
  readonly ids: Tensor1D;
  readonly targets: Tensor1D;
  readonly shares: Tensor2D;
}

/** Where a gradient is added, times `scale`. */
export interface Into {
  readonly gradient: PieceVector;
  readonly scale: number;
}

/** What one pass over some sequences works with. */
interface Job {
  readonly sequences: Sequences;
  readonly weights: PieceVector;
  readonly into: Into | null;
}

export interface PassesParts {
  readonly pieces: readonly Piece[];
  readonly stretch: Stretch;
  readonly turn: Turn;
}

/**
 * Forward and back through the model. TensorFlow's calls hold the event loop, so the model is worked in stretches, after
 * each of which others have their turn.
 */
export class Passes {
  readonly #tf: Tfjs;
  readonly #config: ModelConfig;
  readonly #stretch: Stretch;
  readonly #turn: Turn;
  readonly #model: Model;
  readonly #stages: readonly Stage[];
  /** Places of wte and wpe among the pieces, and of the head's weights. */
  readonly #embedding: readonly [number, number];
  readonly #head: readonly number[];

  constructor(tf: Tfjs, config: ModelConfig, { pieces, stretch, turn }: PassesParts) {
    const place = (name: string) => pieces.findIndex((piece) => piece.name === name);
    this.#tf = tf;
    this.#config = config;
    this.#stretch = stretch;
    this.#turn = turn;
    this.#model = createModel(tf, config);
    this.#stages = stagesOf(config, { model: this.#model, pieces, stretch });
    this.#embedding = [place('wte'), place('wpe')];
    this.#head = [place('lnfw'), place('lnfb'), place('wte')];
  }

  dispose(): void {
    this.#model.dispose();
  }

  /** Mean loss of a micro-batch over the targets that count; with `into`, its gradient is added there. */
  async run({ ids, targets }: Batch, weights: PieceVector, into: Into | null = null): Promise<number> {
    const share = 1 / Math.max(1, countTargets(targets));
    const step = this.#config.context * sequencesAtOnce(this.#stages, this.#config, this.#stretch);
    let loss = 0;
    for (let from = 0; from < ids.length; from += step) {
      const to = from + step;
      const part = { ids: ids.subarray(from, to), targets: targets.subarray(from, to) };
      const sequences = this.#place(part, share);
      try {
        loss += await this.#work({ sequences, weights, into });
      } finally {
        this.#tf.dispose([sequences.ids, sequences.targets, sequences.shares]);
      }
    }
    return loss;
  }

  #place({ ids, targets }: Batch, share: number): Sequences {
    const tf = this.#tf;
    const counts = (target: number) => target !== IGNORED_TARGET;
    const known = Int32Array.from(targets, (target) => (counts(target) ? target : 0));
    const shares = Float32Array.from(targets, (target) => (counts(target) ? share : 0));
    return {
      rows: ids.length,
      ids: tf.tensor1d(Int32Array.from(ids), 'int32'),
      targets: tf.tensor1d(known, 'int32'),
      shares: tf.tensor2d(shares, [ids.length, 1]),
    };
  }

  async #work(job: Job): Promise<number> {
    const { sequences, weights, into } = job;
    const route = routeOf(this.#stages, this.#config, { rows: sequences.rows, stretch: this.#stretch });
    /** What each leg is given; the last of them goes to the head. */
    const inputs: Tensor[] = [];
    try {
      const [wte, wpe] = this.#embedding.map((place) => weights.at(place));
      inputs.push(await this.#turn.take(() => this.#model.embed(sequences.ids, wte!, wpe!)));
      for (const leg of route.legs) {
        inputs.push(await this.#forward(leg, inputs.at(-1)!, weights));
        if (!into) inputs.shift()!.dispose();
      }
      const input = inputs.at(-1)!;
      if (!into) return await this.#loss(route.last, input, job);
      const { loss, dx } = await this.#lossAndBack(route.last, input, { ...job, into });
      await this.#back(route, inputs, dx, { ...job, into });
      return loss;
    } finally {
      this.#tf.dispose(inputs);
    }
  }

  async #forward(leg: Leg, input: Tensor, weights: PieceVector): Promise<Tensor> {
    const own = this.#weightsOf(leg, weights);
    return this.#joined(leg, async (parts) => {
      for await (const part of this.#inParts(leg, [input], ([x]) => runLeg(leg, x!, own))) parts.push(part);
    });
  }

  async #loss(leg: Leg, input: Tensor, { sequences, weights }: Job): Promise<number> {
    const own = this.#weightsOf(leg, weights);
    const head = this.#head.map((place) => weights.at(place));
    const { targets, shares } = sequences;
    let loss = 0;
    for await (const value of this.#inParts(leg, [input, targets, shares], (rows) =>
      this.#lossOf(leg, rows, [...own, ...head]),
    ))
      loss += await this.#number(value);
    return loss;
  }

  /** The last leg with the head, and back: adds their gradients. @returns also that of what the leg was given */
  async #lossAndBack(
    leg: Leg,
    input: Tensor,
    { sequences, weights, into }: Job & { readonly into: Into },
  ): Promise<{ readonly loss: number; readonly dx: Tensor }> {
    const tf = this.#tf;
    const places = [...leg.stages.flatMap((stage) => stage.weights), ...this.#head];
    const given = places.map((place) => weights.at(place));
    const { targets, shares } = sequences;
    let loss = 0;
    const pass = ([x, ...answers]: readonly Tensor[]) =>
      tf.valueAndGrads((own, ...rest) => this.#lossOf(leg, [own!, ...answers], rest))(
        [x!, ...given],
        tf.scalar(into.scale),
      );
    const dx = await this.#joined(leg, async (parts) => {
      for await (const { value, grads } of this.#inParts(leg, [input, targets, shares], pass)) {
        loss += await this.#number(value);
        const [part, ...gradients] = grads as [Tensor, ...Tensor[]];
        parts.push(part);
        this.#add(places, gradients, into);
      }
    });
    return { loss, dx };
  }

  #lossOf(leg: Leg, [x, targets, shares]: readonly Tensor[], weights: readonly Tensor[]): Scalar {
    const answers = { targets: targets as Tensor1D, shares: shares as Tensor2D };
    const head = weights.slice(weights.length - this.#head.length);
    return this.#model.head(runLeg(leg, x!, weights) as Tensor2D, answers, head);
  }

  /** Back through the legs before the last and the embedding. Takes the inputs and `dx` over. */
  async #back(
    { legs }: Route,
    inputs: Tensor[],
    dxOfLast: Tensor,
    { sequences, weights, into }: Job & { readonly into: Into },
  ): Promise<void> {
    const tf = this.#tf;
    let dx = dxOfLast;
    try {
      // The last leg's input has done its part.
      inputs.pop()!.dispose();
      for (const leg of legs.toReversed()) {
        const before = await this.#backLeg(leg, [inputs.at(-1)!, dx], weights, into);
        tf.dispose([inputs.pop()!, dx]);
        dx = before;
      }
      const { context, width, vocab } = this.#config;
      const gradients = await this.#turn.take(() => [
        tf.unsortedSegmentSum(dx as Tensor2D, sequences.ids, vocab),
        tf.sum(tf.reshape(dx, [-1, context, width]), 0),
      ]);
      this.#add(this.#embedding, gradients, into);
    } finally {
      dx.dispose();
    }
  }

  async #backLeg(
    leg: Leg,
    [input, dy]: readonly [Tensor, Tensor],
    weights: PieceVector,
    into: Into,
  ): Promise<Tensor> {
    const given = this.#weightsOf(leg, weights);
    const places = leg.stages.flatMap((stage) => stage.weights);
    const pass = ([x, dOut]: readonly Tensor[]) =>
      this.#tf.grads((own, ...rest) => runLeg(leg, own!, rest))([x!, ...given], dOut);
    return this.#joined(leg, async (parts) => {
      for await (const [dx, ...gradients] of this.#inParts(leg, [input, dy], pass)) {
        parts.push(dx!);
        this.#add(places, gradients, into);
      }
    });
  }

  #add(places: readonly number[], gradients: readonly Tensor[], { gradient }: Into): void {
    for (const [index, place] of places.entries()) gradient.add(place, gradients[index]!);
  }

  #weightsOf = (leg: Leg, weights: PieceVector): Tensor[] =>
    leg.stages.flatMap((stage) => stage.weights.map((place) => weights.at(place)));

  /** `work` on a leg's part at a time of tensors that have equally many rows or heads, each in a stretch of its own. */
  async *#inParts<T extends TensorContainer>(
    { axis, atOnce }: Leg,
    tensors: readonly Tensor[],
    work: (parts: readonly Tensor[]) => T,
  ): AsyncGenerator<T> {
    const whole = tensors[0]!.shape[axis]!;
    for (let from = 0; from < whole; from += atOnce) {
      const count = Math.min(atOnce, whole - from);
      const [begin, size] =
        axis === 0
          ? [[from], [count]]
          : [
              [0, from],
              [-1, count],
            ];
      const parts = () => tensors.map((tensor) => this.#tf.slice(tensor, begin!, size));
      yield await this.#turn.take(() => work(count === whole ? tensors : parts()));
    }
  }

  /** What `collect` puts together part by part; none of them is left where it breaks off. */
  async #joined({ axis }: Leg, collect: (parts: Tensor[]) => Promise<void>): Promise<Tensor> {
    const parts: Tensor[] = [];
    try {
      await collect(parts);
      if (parts.length === 1) return parts.pop()!;
      return await this.#turn.take(() => this.#tf.concat(parts, axis));
    } finally {
      this.#tf.dispose(parts);
    }
  }

  async #number(value: Tensor): Promise<number> {
    const [number] = await value.data();
    value.dispose();
    return number!;
  }
}

function runLeg({ stages }: Leg, input: Tensor, weights: readonly Tensor[]): Tensor {
  let x = input;
  let at = 0;
  for (const stage of stages) {
    x = stage.run(x, weights.slice(at, at + stage.weights.length));
    at += stage.weights.length;
  }
  return x;
}
