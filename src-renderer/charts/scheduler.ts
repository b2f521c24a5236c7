/**
 * One animation frame for all drawings of the page. A drawing asks to be painted; however often it asks, it is
 * painted once a frame, not faster than its own interval, and not at all while nobody can see it.
 */
export interface Drawing {
  readonly paint: (nowMs: number) => void;
  readonly everyMs: number;
}

interface Entry extends Drawing {
  lastMs: number;
}

const waiting = new Set<Entry>();
let frame = 0;

/** @returns `ask` to be painted soon, `stop` when the drawing leaves the page. */
export function schedule(drawing: Drawing): { ask: () => void; stop: () => void } {
  const entry: Entry = { ...drawing, lastMs: Number.NEGATIVE_INFINITY };
  return {
    ask: () => {
      waiting.add(entry);
      request();
    },
    stop: () => waiting.delete(entry),
  };
}

function request(): void {
  if (frame === 0 && waiting.size > 0 && !document.hidden) frame = requestAnimationFrame(run);
}

function run(nowMs: number): void {
  frame = 0;
  for (const entry of [...waiting]) {
    if (nowMs - entry.lastMs < entry.everyMs) continue;
    waiting.delete(entry);
    entry.lastMs = nowMs;
    entry.paint(nowMs);
  }
  request();
}

if (typeof document !== 'undefined')
  document.addEventListener('visibilitychange', () => {
    cancelAnimationFrame(frame);
    frame = 0;
    request();
  });
