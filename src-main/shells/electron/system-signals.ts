import { powerMonitor } from 'electron';
import type { DeskSignals } from '../../../src-shared/rules/signals.ts';
import { IDLE_LOOK_MS } from './limits.ts';

/**
 * Hands on what the system says of power, lock and sleep, and how long nobody touched it. What Electron cannot see
 * here (full screen of other programs) is left out, not denied.
 * @returns what ends it
 */
export function tellSystemSignals(tell: (signals: Partial<DeskSignals>) => void): () => void {
  const signals = {
    'on-battery': { onBattery: true },
    'on-ac': { onBattery: false },
    'lock-screen': { isLocked: true },
    'unlock-screen': { isLocked: false },
    suspend: { isSuspended: true },
    resume: { isSuspended: false },
  } as const satisfies Record<string, Partial<DeskSignals>>;
  const heard = Object.entries(signals).map(([name, told]) => [name as 'suspend', () => tell(told)] as const);
  for (const [name, listener] of heard) powerMonitor.on(name, listener);
  tell({ onBattery: powerMonitor.isOnBatteryPower(), ...idle() });
  const looking = setInterval(() => tell(idle()), IDLE_LOOK_MS);
  return () => {
    clearInterval(looking);
    for (const [name, listener] of heard) powerMonitor.off(name, listener);
  };
}

/** Without a display server that tells, Chromium answers with a negative number. */
function idle(): Pick<DeskSignals, 'idleSeconds'> {
  const seconds = powerMonitor.getSystemIdleTime();
  return { idleSeconds: seconds >= 0 ? seconds : null };
}
