const TICK_MS = 1_000;

/**
 * The one ticking clock of the page: about whole seconds, and silent while nobody looks. News of the host move it too,
 * so that numbers and times change in one picture, not in two.
 */
class Clock {
  nowMs = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    const follow = () => {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.nowMs = Date.now();
      if (!document.hidden) this.#timer = setInterval(() => this.tick(), TICK_MS);
    };
    document.addEventListener('visibilitychange', follow);
    follow();
  }

  /** Now; the next tick by itself is a second from here. */
  tick(): void {
    this.nowMs = Date.now();
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.tick(), TICK_MS);
  }
}

export const clock = new Clock();
