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
let timer: ReturnType<typeof setTimeout> | undefined;

/** @returns `ask` to be painted when due, `askNow` for the next frame, `stop` when the drawing leaves the page. */
export function schedule(drawing: Drawing): { ask: () => void; askNow: () => void; stop: () => void } {
  const entry: Entry = { ...drawing, lastMs: Number.NEGATIVE_INFINITY };
  // Values may still change while the page around a picture is taken apart: what is gone is not painted again.
  let isStopped = false;
  const add = () => isStopped || waiting.add(entry);
  return {
    ask: () => {
      add();
      request();
    },
    askNow: () => {
      entry.lastMs = Number.NEGATIVE_INFINITY;
      add();
      request();
    },
    stop: () => {
      isStopped = true;
      waiting.delete(entry);
    },
  };
}

/** Asks for a frame when the first drawing is due, not before: frames without a picture cost as much as those with one. */
function request(): void {
  if (frame !== 0 || waiting.size === 0 || document.hidden) return;
  clearTimeout(timer);
  const nowMs = performance.now();
  const dueInMs = Math.min(...[...waiting].map(({ lastMs, everyMs }) => lastMs + everyMs - nowMs));
  if (dueInMs > 0) timer = setTimeout(request, dueInMs);
  else frame = requestAnimationFrame(run);
}

function run(nowMs: number): void {
  frame = 0;
  for (const entry of [...waiting]) {
    if (nowMs - entry.lastMs < entry.everyMs) continue;
    // One painted before it in this frame may have taken it off the page.
    if (!waiting.delete(entry)) continue;
    entry.lastMs = nowMs;
    entry.paint(nowMs);
  }
  request();
}

if (typeof document !== 'undefined')
  document.addEventListener('visibilitychange', () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = 0;
    request();
  });
