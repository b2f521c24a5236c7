import { type MemoryUse, planBytes, type StatePolicy } from '../../../../src-shared/contract/memory-plan.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { type ModelConfig, parameterCount } from '../../../../src-shared/model/layout.ts';
import type { GpuDevice } from './device.ts';
import type { Memory, MemoryShape } from './memory.ts';
import type { Placement } from './placement.ts';
import { sketchJobs } from './sketching.ts';
import { takeMemory } from './take-memory.ts';
import { type Taker, Tally } from './tally.ts';
import type { Format } from './wgsl/format.ts';

/** What an engine may take. */
export interface Room {
  /** Bytes of the device; null where nobody can tell. */
  readonly budgetBytes: number | null;
  /** Bytes of the computer's own memory beside what a run takes of it anyway; null where nobody can tell. */
  readonly ramBytes: number | null;
  /** Whether the device has no memory but that. */
  readonly sharesRam: boolean;
}

/** As much as there is. */
export const UNKNOWN_ROOM: Room = { budgetBytes: null, ramBytes: null, sharesRam: false };

/** What an engine has to fit into, and how much of the ways to do so is given. */
export interface PlanRequest {
  readonly config: ModelConfig;
  /** Sequences of a micro-batch at most. */
  readonly maxSequences: number;
  readonly limits: GpuDevice['limits'];
  /** Of what products multiply. */
  readonly format: Format;
  readonly room: Room;
  /** Sequences of a pass at most, where fewer are wanted than memory would hold. */
  readonly mostInPass?: number;
  /** What is not to be chosen. */
  readonly fixed?: Partial<Choices>;
}

/** What a memory plan chooses. */
export type Choices = Pick<
  MemoryShape,
  'passSequences' | 'isCheckpointed' | 'hasBaseBeside' | 'hasHalfMoments'
>;

/** A way to hold a model and its training on a device, and what it comes to. */
export interface Arrangement {
  readonly shape: MemoryShape;
  readonly bytes: Readonly<Record<MemoryUse, number>>;
  /** Of the computer's own memory: parameters that wait there while the base stands in their place. */
  readonly waitingBytes: number;
  /** The most that a shader sees of one buffer at once. */
  readonly windowBytes: number;
  /** Takes the memory of it. */
  take(taker: Taker): Memory;
}

/**
 * All ways to hold a model in windows that the device allows, the best one first. Smaller passes come before computing layers twice, which costs a third of
 * a step more; then the base makes room, which costs seconds of a round; states of fewer bits, which cost some of what is
 * learned, come last.
 * @throws {AppError} ENGINE_SHAPE where the device allows none of them
 */
export function arrangements({
  config,
  maxSequences,
  limits,
  format,
  mostInPass = maxSequences,
  fixed = {},
}: PlanRequest): Arrangement[] {
  const places = sketchPlaces(config);
  const of = <T>(given: T | undefined, all: readonly T[]) => (given === undefined ? all : [given]);
  const ways: Arrangement[] = [];
  for (const hasHalfMoments of of(fixed.hasHalfMoments, [false, true]))
    for (const hasBaseBeside of of(fixed.hasBaseBeside, [true, false]))
      for (const isCheckpointed of of(fixed.isCheckpointed, [false, true]))
        for (const passSequences of of(fixed.passSequences, halvings(Math.min(mostInPass, maxSequences)))) {
          const choices = { passSequences, isCheckpointed, hasBaseBeside, hasHalfMoments };
          const shape = { config, maxSequences, format, ...choices };
          const take = (taker: Taker) => takeMemory(taker, limits, shape, places);
          ways.push({ shape, take, waitingBytes: waitingBytes(shape), ...tally(take) });
        }
  const mostBytes = Math.min(limits.bindingBytes, limits.bufferBytes);
  const allowed = ways.filter(({ windowBytes }) => windowBytes <= mostBytes);
  if (allowed.length > 0) return allowed;
  const leastMib = mib(Math.min(...ways.map(({ windowBytes }) => windowBytes)));
  throw new AppError('ENGINE_SHAPE', {
    shape: `${leastMib} MiB in one piece, and its driver allows ${Math.floor(mostBytes / 2 ** 20)} MiB`,
  });
}

/**
 * The best way that fits and takes less than what was found not to fit.
 * @param belowBytes what could not be had when it was tried
 * @returns null when the least of all is too much
 */
export function bestFit(
  ways: readonly Arrangement[],
  room: Room,
  belowBytes = Number.POSITIVE_INFINITY,
): Arrangement | null {
  const fits = (way: Arrangement) => fitsDevice(way, room) && fitsRam(way, room);
  return ways.find((way) => fits(way) && planBytes(way) < belowBytes) ?? null;
}

const fitsDevice = (way: Arrangement, { budgetBytes }: Room): boolean =>
  planBytes(way) <= (budgetBytes ?? Number.POSITIVE_INFINITY);

const fitsRam = (way: Arrangement, { ramBytes, sharesRam }: Room): boolean =>
  inRam(way, sharesRam) <= (ramBytes ?? Number.POSITIVE_INFINITY);

const inRam = (way: Arrangement, sharesRam: boolean): number =>
  way.waitingBytes + (sharesRam ? planBytes(way) : 0);

/** Why none of them can be had, with the least that would have to be there. */
export function cannotFit(
  ways: readonly Arrangement[],
  device: string,
  room: Room,
  cause?: unknown,
): AppError {
  const { budgetBytes, ramBytes, sharesRam } = room;
  const onDevice = ways.filter((way) => fitsDevice(way, room));
  // A device that refused what was planned for it is short of its own memory, whatever the computer has.
  if (cause === undefined && ramBytes !== null && onDevice.length > 0) {
    const least = mib(Math.min(...onDevice.map((way) => inRam(way, sharesRam))));
    const freeMib = Math.floor(ramBytes / 2 ** 20);
    return new AppError('ENGINE_RAM_SMALL', { device, neededMib: least, freeMib });
  }
  const neededMib = mib(Math.min(...ways.map(planBytes)));
  return budgetBytes === null
    ? new AppError('ENGINE_GPU_MEMORY', { device, neededMib }, cause)
    : new AppError(
        'ENGINE_GPU_SMALL',
        { device, neededMib, freeMib: Math.floor(budgetBytes / 2 ** 20) },
        cause,
      );
}

export const policyOf = ({ hasHalfMoments, format }: MemoryShape): StatePolicy =>
  format === 'f16' ? (hasHalfMoments ? 'W14' : 'W18') : hasHalfMoments ? 'W12' : 'W16';

/** In float16 the parameters never leave the device: what passes read of them is made anew from them. */
const waitingBytes = ({ config, format, hasBaseBeside }: MemoryShape): number =>
  format === 'f32' && !hasBaseBeside ? 4 * parameterCount(config) : 0;

const mib = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

function tally(take: (taker: Taker) => Memory): Pick<Arrangement, 'bytes' | 'windowBytes'> {
  const counted = new Tally();
  const { placement } = take(counted);
  const sliceBytes = placement.slices.reduce((most, { padded }) => Math.max(most, 4 * padded), 0);
  return { bytes: counted.bytes, windowBytes: Math.max(counted.windowBytes, sliceBytes) };
}

/** `most`, then half of it and so on, down to one. */
function halvings(most: number): number[] {
  const sizes = [most];
  for (let size = most; size > 1; ) {
    size = Math.ceil(size / 2);
    sizes.push(size);
  }
  return sizes;
}

/** How many places the sums of sketches need; the same for all ways to hold a model, and long to count. */
function sketchPlaces(config: ModelConfig): (placement: Placement) => number {
  let places: number | null = null;
  return (placement) => {
    places ??= sketchJobs(config, placement).length;
    return places;
  };
}
