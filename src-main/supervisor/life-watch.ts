import type { ChildLimits } from './limits.ts';
import { Patience, type PatienceLimits } from './patience.ts';
import { readLoad } from './process-load.ts';

/** Watches one life of a child: whether it becomes ready, and then whether it goes on to show that it lives. */
export interface LifeWatch {
  /** A message came. */
  sign(): void;
  /** It is ready: up to now its start was watched, from now on its silence is. */
  becameReady(): void;
  /** It has said that it waits for room on the disk: nobody can hurry that. */
  waitsForRoom(waits: boolean): void;
  end(): void;
}

/** What the child did while patience ran out: nothing, or work without a word. */
export type Conduct = 'idle' | 'busy';

export interface LifeWatchEvents {
  onNeverReady(conduct: Conduct): void;
  onSilent(silentMs: number, conduct: Conduct): void;
}

/** Looks within a limit: often enough that a single late one costs little. */
const LOOKS = 4;
/** While it starts, a child that works less than this waits for something; its heartbeat alone takes a tenth of it. */
const START_IDLE_SHARE = 0.05;

export function watchLife(
  pid: number | undefined,
  limits: ChildLimits,
  { onNeverReady, onSilent }: LifeWatchEvents,
): LifeWatch {
  const starting = { idleMs: limits.readyMs, busyMs: limits.busyReadyMs, idleBelowShare: START_IDLE_SHARE };
  const silence = { idleMs: limits.silenceMs, busyMs: limits.busySilenceMs, idleBelowShare: 0 };
  let signAtMs = performance.now();
  let isReady = false;
  let isWaiting = false;
  const waits = () => isWaiting;
  let watch = look(pid, starting, waits, onNeverReady);
  return {
    sign() {
      signAtMs = performance.now();
      if (isReady) watch.patience.renew();
    },
    becameReady() {
      isReady = true;
      signAtMs = performance.now();
      clearInterval(watch.timer);
      watch = look(pid, silence, waits, (conduct) =>
        onSilent(Math.round(performance.now() - signAtMs), conduct),
      );
    },
    waitsForRoom(next) {
      isWaiting = next;
    },
    end: () => clearInterval(watch.timer),
  };
}

function look(
  pid: number | undefined,
  limits: PatienceLimits,
  waits: () => boolean,
  onEnd: (conduct: Conduct) => void,
) {
  const everyMs = limits.idleMs / LOOKS;
  const patience = new Patience(limits, everyMs, performance.now(), readLoad(pid));
  const timer = setInterval(() => {
    if (waits()) patience.renew();
    const over = patience.look(performance.now(), readLoad(pid));
    if (!over) return;
    clearInterval(timer);
    onEnd(over);
  }, everyMs);
  return { patience, timer };
}
