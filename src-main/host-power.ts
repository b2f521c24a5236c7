import type { Runs } from './runs/runs.ts';
import { askNvidia, powerReader } from './telemetry/power/sensors.ts';
import { watchPower } from './telemetry/power/watch.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

/** Measures what this computer draws while any run works. @returns what ends it */
export function showPower(
  runs: Pick<Runs, 'live' | 'on'>,
  keeper: Pick<ViewKeeper, 'update'>,
): () => Promise<void> {
  const reader = powerReader({ sys: '/sys', nvidia: askNvidia, nowMs: () => performance.now() });
  const watch = watchPower(reader, (power) => keeper.update({ power }));
  const look = () =>
    watch.setWorking([...runs.live.values()].some(({ body, held }) => body !== null && held === null));
  const off = [
    runs.on('begun', (live) => {
      live.on('working', look);
      live.on('held', look);
    }),
    runs.on('gone', look),
    runs.on('failed', look),
  ];
  look();
  return async () => {
    for (const unsubscribe of off) unsubscribe();
    await watch.stop();
  };
}
