import { BlockTimer } from './block-timer.ts';
import { ASK_LIFE_LONGEST_MS, ASK_LIFE_SHORTEST_MS, PATIENCE_MAX, SILENCE_LIMIT_MS } from './limits.ts';

/** What a live chain keeps sending: new heads, and finalized blocks behind them. */
export type Sign = 'head' | 'final';

/**
 * When a connection counts as silent, by the chain's own pace. A node is asked for a sign of life once a block and a
 * half are missing, and left after four. A chain that stands still on every node (a practice chain whose clock is
 * stopped) is no fault of the node: each session that was left for nothing doubles how long the next one may be silent.
 */
export interface Silence {
  /** Something new came. @param block its number */
  seen(sign: Sign, block: number): void;
  /** Another session begins: it has its own time. */
  opened(): void;
  due(): 'nothing' | 'ask' | Sign;
  /** The session was left for the lack of this sign. */
  left(sign: Sign): void;
  /** How long this session has not told of one of the two. */
  quietMs(): number;
  /** How long the chain has said nothing new, over all sessions; null while that is not long. */
  silentForMs(): number | null;
}

const SIGNS: readonly Sign[] = ['head', 'final'];
const ASK_AFTER_BLOCKS = 1.5;
const LEAVE_AFTER_BLOCKS = 4;

/** @param nowMs a clock that never jumps and stands still while this machine sleeps */
export function silence(nowMs: () => number): Silence {
  const pace = new BlockTimer();
  const lastMs: Record<Sign, number> = { head: nowMs(), final: nowMs() };
  const patience: Record<Sign, number> = { head: 1, final: 1 };
  let openedAtMs = nowMs();

  /** Before the pace is known, the one that is longer. */
  const askAfterMs = () => {
    const wantedMs = (pace.blockMs ?? ASK_LIFE_LONGEST_MS) * ASK_AFTER_BLOCKS;
    return Math.min(ASK_LIFE_LONGEST_MS, Math.max(ASK_LIFE_SHORTEST_MS, wantedMs));
  };
  const leaveAfterMs = () => Math.max(SILENCE_LIMIT_MS, (pace.blockMs ?? 0) * LEAVE_AFTER_BLOCKS);

  const quietMs = (sign: Sign) => nowMs() - Math.max(lastMs[sign], openedAtMs);

  return {
    seen(sign, block) {
      lastMs[sign] = nowMs();
      patience[sign] = 1;
      if (sign === 'head') pace.note({ number: block }, nowMs());
    },
    opened() {
      openedAtMs = nowMs();
    },
    quietMs: () => Math.max(...SIGNS.map(quietMs)),
    due() {
      const over = SIGNS.find((sign) => quietMs(sign) >= leaveAfterMs() * patience[sign]);
      return over ?? (SIGNS.some((sign) => quietMs(sign) >= askAfterMs()) ? 'ask' : 'nothing');
    },
    left(sign) {
      patience[sign] = Math.min(PATIENCE_MAX, patience[sign] * 2);
    },
    silentForMs() {
      const silentMs = nowMs() - Math.min(lastMs.head, lastMs.final);
      return silentMs >= leaveAfterMs() ? silentMs : null;
    },
  };
}
