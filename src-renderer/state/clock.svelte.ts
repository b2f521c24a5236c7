/** The one ticking clock of the page: whole seconds, and silent while nobody looks. */
class Clock {
  nowMs = $state(Date.now());
  #timer: ReturnType<typeof setInterval> | undefined;

  start(): void {
    const follow = () => {
      clearInterval(this.#timer);
      this.nowMs = Date.now();
      if (!document.hidden) this.#timer = setInterval(() => this.#tick(), 1000);
    };
    document.addEventListener('visibilitychange', follow);
    follow();
  }

  #tick(): void {
    this.nowMs = Date.now();
  }
}

export const clock = new Clock();
