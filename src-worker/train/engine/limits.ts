import { type ModelConfig, parameterCount } from '../../../src-shared/model/layout.ts';
import { type EngineCapabilities, IGNORED_TARGET } from './engine.ts';

/** Threads of the CPU pool: beyond this, waiting for each other costs more than a thread brings. */
export const MAX_THREADS = 64;
/** From start of a pool thread to its first sign of life: module compilation on a busy machine. */
export const POOL_START_TIMEOUT_MS = 30_000;
/** How often threads of a long command hear how hard they may work. */
export const SHARE_LOOK_MS = 250;
/** First nap of a thread that finds no part of a stage to do: about what the wait for one is good for. */
export const NAP_SHORTEST_MS = 0.05;
/** And the last, of twice as many: while others rest or a long part is done. After a rest they are woken. */
export const NAP_LONGEST_MS = 10;
/** Work before a throttled thread rests: a timer is good to a millisecond, and stages are shorter than that. */
export const WORK_BEFORE_REST_MS = 10;
/**
 * Models up to this many parameters run on the calling thread when one thread was asked for: a micro-step
 * of a few sequences then takes well under the 100 ms that a heartbeat may be late.
 */
export const INLINE_MAX_PARAMETERS = 4_000_000;
/** Logits held at once; more rows of the head are worked off in chunks of this size. */
export const LOGITS_CHUNK_BYTES = 16 * 2 ** 20;
/** Vocabulary ids travel as 16 bits, and the highest value marks a target that does not count. */
export const MAX_VOCAB = IGNORED_TARGET;

/** Most bytes of one buffer on a graphics card, and of what one shader sees of it, however much the driver allows. */
export const MAX_CHUNK_BYTES = 2 ** 30;
export const MAX_BINDING_BYTES = 2 ** 30;
/** Logits held at once on a graphics card. */
export const LOGITS_BYTES = 128 * 2 ** 20;
/** What kernels that take elements one by one see at a time. */
export const STREAM_BYTES = 64 * 2 ** 20;
/** What is handed to a graphics card in one go, before others on this event loop have their turn: some ms of copying. */
export const WRITE_BYTES = 8 * 2 ** 20;
/** Writes after which their arrival is awaited: what is on its way takes memory a second time. */
export const WRITES_UNASKED = 8;
/** What is read back from a graphics card in one go. */
export const STAGING_BYTES = 16 * 2 ** 20;
/** All candidates of the tuner together: what was not tried by then is tried at the next start. */
export const TUNING_BUDGET_MS = 20_000;
/** A tiling that a process died with is tried again after this: the process may have been ended from outside. */
export const TILING_FORGIVEN_MS = 7 * 86_400_000;
/** Measurements of a candidate, of which the median counts. */
export const TUNING_REPEATS = 3;
/** Rows and columns of what the tuner multiplies at most: enough to keep a large card busy, and 16 MB of results. */
export const TUNED_MOST = 2_048;
/** Halvings of the loss scale for one sketch: from the first one down to 1. */
export const LOSS_SCALE_TRIES = 24;
/** Micro-batches of one call: each has a place for its loss. */
export const MAX_MICRO_BATCHES = 4_096;
/** Work handed to a graphics card in one go, in ms as predicted: the desktop needs it in between. */
export const SLICE_MS = 40;
/** A graphics driver's answer before there is a device: it takes a second, some on a busy machine. */
export const GPU_OPEN_LIMIT_MS = 60_000;
/** An answer of a graphics card: the first run of shaders took five minutes on a busy processor that plays one. */
export const GPU_ANSWER_LIMIT_MS = 600_000;
/** A card that is lost twice within this time is asked for less. */
export const DEVICE_LOSSES_WITHIN_MS = 600_000;
/** Losses are forgotten after this: drivers get better, and what a card was too hot for in August it may do in autumn. */
export const DEVICE_FORGIVEN_MS = 7 * 86_400_000;
/** Slices after which a graphics card is asked how far it is: what was predicted of them is known then. */
export const SLICES_UNASKED = 8;
/** A single sleep for a graphics card at most: of what it takes longer, a core is kept busy for the rest. */
export const LONGEST_SLEEP_MS = 1_000;

/** Misuse of an engine by our own code: a fault in the program, not a condition of the machine. */
export class EngineMisuse extends Error {
  override readonly name = 'EngineMisuse';
}

function demand(condition: boolean, what: string): asserts condition {
  if (!condition) throw new EngineMisuse(what);
}

/** A shape that kernels are written for. */
export function checkShape(config: ModelConfig): void {
  const { width, heads, vocab } = config;
  for (const [name, size] of Object.entries(config)) {
    demand(Number.isInteger(size) && size > 0, `${name} must be a positive integer, not ${size}`);
  }
  demand(width % heads === 0, `width ${width} is not a multiple of ${heads} heads`);
  demand(width % 4 === 0, `width ${width} is not a multiple of 4`);
  demand(vocab <= MAX_VOCAB, `vocabulary ${vocab} exceeds ${MAX_VOCAB}`);
}

export function checkConfig(config: ModelConfig, { maxParameters }: EngineCapabilities): void {
  checkShape(config);
  const count = parameterCount(config);
  demand(
    count <= maxParameters,
    `${count} parameters in ${config.layers} layers, context ${config.context}: at most ${maxParameters}`,
  );
}

export function checkWindow(length: number, offset: number, count: number, { whole = false } = {}): void {
  demand(
    Number.isInteger(offset) && offset >= 0 && offset + length <= count,
    `window ${offset}+${length} of ${count}`,
  );
  demand(!whole || length === count, `expected all ${count} elements, got ${length}`);
}

export function checkBatch(
  ids: Uint16Array,
  targets: Uint16Array,
  config: ModelConfig,
  maxSequences: number,
): void {
  const sequences = ids.length / config.context;
  demand(
    Number.isInteger(sequences) && sequences > 0,
    `${ids.length} ids are not whole sequences of ${config.context}`,
  );
  demand(sequences <= maxSequences, `${sequences} sequences, planned for ${maxSequences}`);
  demand(targets.length === ids.length, `${targets.length} targets for ${ids.length} ids`);
  demand(
    ids.every((id) => id < config.vocab),
    'an id lies beyond the vocabulary',
  );
  demand(
    targets.every((target) => target < config.vocab || target === IGNORED_TARGET),
    'a target lies beyond the vocabulary',
  );
}
