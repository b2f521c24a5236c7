import type { View } from '../../../src-shared/contract/page/sections.ts';
import type { UpdateState, UpdatesView } from '../../../src-shared/contract/page/updates.ts';
import { idle, me } from './scenes.ts';

export const release = {
  version: '0.2.0',
  publishedAtMs: Date.UTC(2026, 10, 28),
  notes: 'Rounds begin sooner on slow lines.\nThe ledger opens quicker.',
  bytes: 181_403_648,
};

export const updatesOf = (state: UpdateState, changes: Partial<UpdatesView> = {}): UpdatesView => ({
  ...{ hasKey: true, way: 'app', checkedAtMs: Date.UTC(2026, 10, 30, 9), problem: null, state },
  ...changes,
});

/** Settings of an installed app, with an update that stands so. */
export const withUpdate = (state: UpdateState, changes: Partial<UpdatesView> = {}): View => ({
  ...idle(),
  updates: updatesOf(state, changes),
});

/** A hotkey of this computer works on another one. */
export const movedAway = (): View => ({
  ...idle(),
  movedAway: { atMs: Date.UTC(2026, 10, 29), hotkeys: [me] },
});
