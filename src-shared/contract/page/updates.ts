import type { CodedError } from '../../errors/app-error.ts';
import type { Ss58 } from '../../units.ts';

/** A release as its signed feed tells it, for a person to decide on. */
export interface ReleaseOffered {
  readonly version: string;
  readonly publishedAtMs: number;
  /** What changed, in the makers' words; plain text. */
  readonly notes: string;
  /** What it takes to download; null where this installation fetches no file by itself. */
  readonly bytes: number | null;
}

/**
 * How this installation comes to another version: the app fetches and installs it, the system's package manager does, or
 * its user fetches the sources.
 */
export type UpdateWay = 'app' | 'package' | 'source';

/** How a wished-for update stands. `failed` keeps what was offered: it can be tried again. */
export type UpdateState =
  | { readonly kind: 'none' }
  | { readonly kind: 'available'; readonly release: ReleaseOffered }
  | { readonly kind: 'deferred'; readonly release: ReleaseOffered; readonly untilMs: number }
  | { readonly kind: 'skipped'; readonly release: ReleaseOffered }
  | { readonly kind: 'downloading'; readonly release: ReleaseOffered; readonly bytes: number }
  | { readonly kind: 'ready'; readonly release: ReleaseOffered }
  /** It waits for the end of a round, or of what is being signed; null: it is being put in place. */
  | {
      readonly kind: 'installing';
      readonly release: ReleaseOffered;
      readonly waitsFor: 'round' | 'signing' | null;
    }
  | { readonly kind: 'failed'; readonly release: ReleaseOffered; readonly error: CodedError };

export interface UpdatesView {
  /** Whether releases can be told from forgeries here: without the makers' key nobody is asked, and nothing is fetched. */
  readonly hasKey: boolean;
  readonly way: UpdateWay;
  /** null: nobody was asked yet. */
  readonly checkedAtMs: number | null;
  /** Why the last check came to nothing; null: it did not. */
  readonly problem: CodedError | null;
  readonly state: UpdateState;
}

/** Hotkeys that were moved to another computer, and are refused here. */
export interface MovedAwayView {
  readonly atMs: number;
  readonly hotkeys: readonly Ss58[];
}

/** What has to be typed before hotkeys that were moved away work here again. */
export const TAKE_BACK_WORD = 'take back';

/** What has to be typed to begin anew. */
export const RESET_WORD = 'reset';

/** Until when a release is put off. */
export const updateDelays = ['tonight', 'week'] as const;
export type UpdateDelay = (typeof updateDelays)[number];
