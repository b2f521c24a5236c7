import { powerMonitor, powerSaveBlocker } from 'electron';
import type { View } from '../../../src-shared/contract/page/sections.ts';
import type { HostView } from './host-view.ts';

/**
 * Whether the computer is to stay awake: wished for, something works, and on mains.
 * @param isOnBattery asked last, and only where all else says so: on some systems each time is a call to another process
 */
export const staysAwake = (
  { settings, runs }: Pick<View, 'settings' | 'runs'>,
  isOnBattery: () => boolean,
): boolean =>
  settings['window.keep-awake'] &&
  Object.values(runs).some(({ worker }) => worker.kind === 'training' || worker.kind === 'averaging') &&
  !isOnBattery();

/** Keeps the computer from going to sleep by itself while it trains; its screen may go dark. @returns what ends it */
export function keepAwake(view: HostView): () => void {
  let blocker: number | null = null;

  function decide(): void {
    const isWanted = staysAwake(view.now, () => powerMonitor.isOnBatteryPower());
    if (isWanted && blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!isWanted) release();
  }
  function release(): void {
    if (blocker !== null) powerSaveBlocker.stop(blocker);
    blocker = null;
  }

  decide();
  const unsubscribe = view.onChange(decide);
  powerMonitor.on('on-battery', decide);
  powerMonitor.on('on-ac', decide);
  return () => {
    unsubscribe();
    powerMonitor.off('on-battery', decide);
    powerMonitor.off('on-ac', decide);
    release();
  };
}
