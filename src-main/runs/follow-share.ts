import type { Settings } from '../settings/settings-file.ts';
import { shareChosen } from './chosen.ts';
import type { Runs } from './runs.ts';
import { tellShare } from './share.ts';

/** Every run hears at once how hard it may work, whenever that is chosen anew. @returns what ends it */
export const followShare = (
  settings: Pick<Settings, 'values' | 'onChange'>,
  runs: Pick<Runs, 'live'>,
  log: (line: string) => void,
): (() => void) =>
  settings.onChange((id) => {
    if (id !== 'training.share') return;
    for (const { body } of runs.live.values())
      if (body) void tellShare(body.run.train, shareChosen(settings.values), log);
  });
