import type { MachineNow } from '../src-shared/contract/page/card.ts';
import type { Readings } from '../src-shared/rules/judge.ts';
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

export interface ShownMachine {
  /** The temperature of each card as it was read last. */
  cards(): Readings['cards'];
  stop(): Promise<void>;
}

/** Reads the sensors of this computer while any run works, or waits for a card to cool, and shows them. */
export function showMachine(
  reader: MachineReader,
  runs: Pick<Runs, 'live' | 'on'>,
  keeper: Pick<ViewKeeper, 'update'>,
  /** Told of each reading that is shown. */
  read: (machine: MachineNow) => void,
): ShownMachine {
  const mean = new MeanPower();
  const energy = new EnergyMeter();
  let tokens = 0;
  let cards: Readings['cards'] = 'unread';

  const isWorking = ({ body, held }: LiveRun) => body !== null && held === null;
  const isCooling = ({ held }: LiveRun) => held?.kind === 'paused' && held.reason === 'temperature';
  const some = (is: (live: LiveRun) => boolean) => [...runs.live.values()].some(is);

  function told(reading: MachineReading | null, sinceMs: number): void {
    cards = some(isWorking) || some(isCooling) ? temperaturesOf(reading) : 'unread';
    if (!reading) {
      // What was trained in a time that nobody measured has no part in what it drew.
      tokens = 0;
      keeper.update({ machine: null });
      return;
    }
    // What a card draws while it cools is no part of what its work takes.
    const works = some(isWorking);
    if (works) energy.note(reading, sinceMs, tokens);
    tokens = 0;
    const machine: MachineNow = {
      ...reading,
      gpuWhPerMtoken: energy.whPerMtoken('gpu'),
      cpuWhPerMtoken: energy.whPerMtoken('cpu'),
    };
    const power = works ? mean.note(reading, sinceMs) : null;
    keeper.update({ machine, ...(power && { power }) });
    read(machine);
  }

  const watch = watchMachine(reader, told);
  const look = () => watch.setWorking(some(isWorking) || some(isCooling));
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
  return {
    cards: () => cards,
    async stop() {
      for (const unsubscribe of off) unsubscribe();
      await watch.stop();
    },
  };
}

/** null where no card tells its temperature. */
function temperaturesOf(reading: MachineReading | null): Readings['cards'] {
  const told = (reading?.cards ?? []).flatMap(({ name, celsius }) =>
    celsius === null ? [] : [{ name: name ?? 'The graphics card', celsius }],
  );
  return told.length > 0 ? told : null;
}
