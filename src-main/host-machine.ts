import type { MachineNow } from '../src-shared/contract/page/card.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import { machineReader } from './telemetry/machine.ts';
import { EnergyMeter, MeanPower } from './telemetry/means.ts';
import { askNvidia } from './telemetry/nvidia.ts';
import type { MachineReader, MachineReading } from './telemetry/reading.ts';
import { watchMachine } from './telemetry/watch.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

/** The one reader of this computer's sensors. */
export const openSensors = (): MachineReader =>
  machineReader({
    sys: '/sys',
    ask: (signal) => askNvidia(signal),
    nowMs: () => performance.now(),
  });

/** Reads the sensors of this computer while any run works, and shows them. @returns what ends it */
export function showMachine(
  reader: MachineReader,
  runs: Pick<Runs, 'live' | 'on'>,
  keeper: Pick<ViewKeeper, 'update'>,
): () => Promise<void> {
  const mean = new MeanPower();
  const energy = new EnergyMeter();
  let tokens = 0;

  function told(reading: MachineReading | null, sinceMs: number): void {
    if (!reading) {
      // What was trained in a time that nobody measured has no part in what it drew.
      tokens = 0;
      keeper.update({ machine: null });
      return;
    }
    energy.note(reading, sinceMs, tokens);
    tokens = 0;
    const machine: MachineNow = {
      ...reading,
      gpuWhPerMtoken: energy.whPerMtoken('gpu'),
      cpuWhPerMtoken: energy.whPerMtoken('cpu'),
    };
    const power = mean.note(reading, sinceMs);
    keeper.update({ machine, ...(power && { power }) });
  }

  const watch = watchMachine(reader, told);
  const look = () =>
    watch.setWorking([...runs.live.values()].some(({ body, held }) => body !== null && held === null));
  const follow = (live: LiveRun) => {
    live.on('working', ({ run }) => {
      run.train.on('step', (step) => {
        tokens += step.tokens;
      });
      look();
    });
    live.on('held', look);
  };
  const off = [runs.on('begun', follow), runs.on('gone', look), runs.on('failed', look)];
  look();
  return async () => {
    for (const unsubscribe of off) unsubscribe();
    await watch.stop();
  };
}
