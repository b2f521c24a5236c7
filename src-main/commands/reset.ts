import { command, type SaidOf } from './option.ts';
import { dataDir } from './shared-options.ts';

/** As it was made. */
export const reset = command({
  name: 'reset',
  summary: 'Begin anew: move all that Butterfly wrote aside, but for wallets and keys. Nothing is deleted.',
  options: { dataDir },
});

export type ResetOptions = SaidOf<typeof reset>;
