/**
 * While something is asked of a driver, Dawn asks for the answer on each turn of the event loop: it calls the global
 * `setImmediate` again and again, and a core is busy for as long as the card is. Here its turns get rarer the longer it
 * has asked: the answer comes later by half of that at most, and the core is left to others.
 */

/**
 * So long it is asked without a pause: an answer that is there already comes at once, by the second question. Each costs
 * as much as to record a few dispatches, because meanwhile the caches were others'.
 */
const AT_ONCE_MS = 0.03;
/** A pause is such a part of the time that was asked for. */
const PAUSE_PART = 0.5;
const LONGEST_PAUSE_MS = 4;
/** What a timer can wait at least; a shorter pause holds the thread, which hears of others after it. */
const TIMER_MS = 1;

const held = new Int32Array(new SharedArrayBuffer(4));

/** How long to pause before the next question, after asking for so long. */
export const pauseMs = (askedMs: number): number =>
  askedMs < AT_ONCE_MS ? 0 : Math.min(LONGEST_PAUSE_MS, PAUSE_PART * askedMs);

type Turn = typeof setImmediate;

/**
 * `setImmediate` for a process in which Dawn runs: as it is for everybody but the native code that asks a driver.
 * @param turn the one that Node gave
 */
export function asking(turn: Turn): Turn {
  /** When the present question was first asked; null between questions. */
  let sinceMs: number | null = null;
  let isAsking = false;
  const ask = (question: () => void): void => {
    isAsking = true;
    try {
      question();
    } finally {
      isAsking = false;
    }
  };
  const next = (question: () => void): unknown => {
    // Asked for again from within means that the answer was not there.
    if (!isAsking || sinceMs === null) sinceMs = performance.now();
    const pause = pauseMs(performance.now() - sinceMs);
    if (pause >= TIMER_MS) return setTimeout(ask, pause, question);
    return turn(() => {
      if (pause > 0) Atomics.wait(held, 0, 0, pause);
      ask(question);
    });
  };
  return new Proxy(turn, {
    apply: (target, self, words: Parameters<Turn>) =>
      words.length === 1 && isDawns(words[0]) ? next(words[0]) : Reflect.apply(target, self, words),
  });
}

/**
 * Native code without a name that takes nothing: what others hand over is written in JavaScript, or bound, which is a
 * name. A promise's own `resolve` is nameless native code as well, and takes a value.
 */
const isDawns = (callback: unknown): callback is () => void =>
  typeof callback === 'function' &&
  callback.length === 0 &&
  callback.name === '' &&
  Function.prototype.toString.call(callback).endsWith('{ [native code] }');
