import { awakeNow } from '../src-node/awake-clock.ts';
import { houseRulesOf } from '../src-shared/rules/house-rules.ts';
import type { HeardDesk } from './rules/desk.ts';
import { deskReader, thisDesk } from './rules/desk-reader.ts';
import { type HouseOptions, openHouse } from './rules/house.ts';
import type { LiveRun } from './runs/live-run.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

export interface HouseDeskOptions extends Pick<HouseOptions, 'cards'> {
  readonly settings: Pick<Settings, 'values' | 'onChange'>;
  readonly desk: HeardDesk;
  readonly runs: Pick<Runs, 'live' | 'on'>;
  readonly keeper: Pick<ViewKeeper, 'view' | 'update'>;
  log(line: string): void;
}

/** The rules of the house over every run of this host. */
export interface HouseDesk {
  /** Lets runs work whatever the rules say, for so many minutes; null: the rules hold again. */
  setAside(minutes: number | null): void;
  /** A page that looks wants to know what the rules say, also while nothing runs. */
  whileLooked<T>(connect: (page: T) => () => void): (page: T) => () => void;
  stop(): Promise<void>;
}

export function openHouseDesk({ settings, desk, runs, keeper, cards, log }: HouseDeskOptions): HouseDesk {
  let pages = 0;
  const obey = (live: LiveRun) =>
    void live.obey(house.view.rest).catch((error: unknown) => log(`house rules: ${live.id}: ${error}`));
  const house = openHouse({
    rules: () => houseRulesOf(settings.values),
    desk,
    reader: deskReader(thisDesk),
    cards,
    nowMs: awakeNow,
    // A clock that the chain proved wrong is put right for schedules too.
    wallMs: () => Date.now() - (keeper.view.clock?.offByMs ?? 0),
    told(view) {
      keeper.update({ house: view });
      for (const live of runs.live.values()) obey(live);
    },
  });
  const watch = () => house.setWatched(pages > 0 || runs.live.size > 0);
  const begin = (live: LiveRun) => {
    watch();
    obey(live);
  };
  const off = [
    runs.on('begun', begin),
    runs.on('gone', watch),
    runs.on('failed', watch),
    settings.onChange((id) => id.startsWith('rules.') && house.look()),
  ];
  return {
    setAside: house.setAside,
    whileLooked: (connect) => (page) => {
      const leave = connect(page);
      pages++;
      watch();
      return () => {
        leave();
        pages--;
        watch();
      };
    },
    stop() {
      for (const unsubscribe of off) unsubscribe();
      return house.stop();
    },
  };
}
