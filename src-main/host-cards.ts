import type { StopStack } from '../src-node/stop-stack.ts';
import { assertTensorFlowUnused, openAddedEngines } from './added-engines.ts';
import { type BenchmarkDesk, openBenchmarkDesk } from './benchmark-desk.ts';
import { type CardFinder, openCardFinder } from './card/card-finder.ts';
import { freeOnCard } from './card/free-memory.ts';
import type { Engines } from './engines/engines.ts';
import { engineOf } from './runs/chosen.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import type { ExtraEnv } from './supervisor/extra-env.ts';
import type { MachineReader } from './telemetry/reading.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

export interface CardsGround {
  readonly dataDir: string;
  readonly runs: Runs;
  readonly sensors: MachineReader;
  readonly settings: Settings;
  readonly keeper: ViewKeeper;
  readonly extraEnv: ExtraEnv;
  readonly told: Told;
  log(line: string): void;
  readonly started: StopStack;
  readonly signal: AbortSignal;
}

export interface HostCards {
  readonly cards: CardFinder;
  readonly engines: Engines;
  readonly benchmark: BenchmarkDesk;
}

/** Which cards there are, the engines that a user adds, and what a card would do. */
export async function openCards(ground: CardsGround): Promise<HostCards> {
  const { dataDir, runs, sensors, settings, keeper, extraEnv, told, log, started, signal } = ground;
  const cards = openCardFinder({
    ...{ extraEnv, sensors, log, signal },
    allowsSoftware: Boolean(process.env.VK_DRIVER_FILES),
    told: (view) => keeper.update({ cards: view }),
  });
  started.push('cards', () => cards.stop());
  const engines = await openAddedEngines(dataDir, {
    log,
    told: (view) => keeper.update({ engines: view }),
    assertUnused: async () => assertTensorFlowUnused(keeper.view),
  });
  started.push('engines', () => engines.stop());
  const benchmark = await openBenchmarkDesk({
    ...{ dataDir, runs, sensors, extraEnv, log, signal },
    freeBytes: (engine, ending) => freeOnCard(sensors, engine, ending),
    engine: (device) => engineOf(device, settings.values, dataDir),
    told: (view) => keeper.update({ benchmark: view }),
    notice: told.notice,
  });
  started.push('benchmark', () => benchmark.stop());
  return { cards, engines, benchmark };
}
