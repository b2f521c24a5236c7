import type { ReleaseOffered, UpdateState } from '../../src-shared/contract/page/updates.ts';
import type { CodedError } from '../../src-shared/errors/app-error.ts';

/** What happens to an update: what the list says, what the person wants, and how far the work is. */
export type UpdateEvent =
  /** null: there is none for this installation any more, or yet. */
  | { readonly kind: 'offered'; readonly release: ReleaseOffered | null }
  | { readonly kind: 'put-off'; readonly untilMs: number }
  | { readonly kind: 'skip' }
  /** The person changed their mind, or the time is over until which it was put off. */
  | { readonly kind: 'offer-again' }
  | { readonly kind: 'download' }
  | { readonly kind: 'came'; readonly bytes: number }
  | { readonly kind: 'verified' }
  | { readonly kind: 'install' }
  | { readonly kind: 'waits'; readonly waitsFor: 'round' | 'signing' | null }
  /** Taken back before it was done. */
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: CodedError };

/**
 * What an update comes to by an event; one that does not fit the state changes nothing. A later release takes the place
 * of one that nobody has begun to install, also of one that was skipped: that was about the other.
 */
export function nextState(state: UpdateState, event: UpdateEvent): UpdateState {
  const release = 'release' in state ? state.release : null;
  switch (event.kind) {
    case 'offered':
      return offered(state, event.release);
    case 'put-off':
      return release && isOpen(state) ? { kind: 'deferred', release, untilMs: event.untilMs } : state;
    case 'skip':
      return release && isOpen(state) ? { kind: 'skipped', release } : state;
    case 'offer-again':
      return release && (state.kind === 'skipped' || state.kind === 'deferred')
        ? { kind: 'available', release }
        : state;
    case 'download':
      return release && (isOpen(state) || state.kind === 'skipped')
        ? { kind: 'downloading', release, bytes: 0 }
        : state;
    case 'came':
      return state.kind === 'downloading' ? { ...state, bytes: event.bytes } : state;
    case 'verified':
      return state.kind === 'downloading' ? { kind: 'ready', release: state.release } : state;
    case 'install':
      return state.kind === 'ready' ? { kind: 'installing', release: state.release, waitsFor: null } : state;
    case 'waits':
      return state.kind === 'installing' ? { ...state, waitsFor: event.waitsFor } : state;
    case 'cancelled':
      return cancelled(state);
    case 'failed':
      return release &&
        (state.kind === 'downloading' || state.kind === 'installing' || state.kind === 'ready')
        ? { kind: 'failed', release, error: event.error }
        : state;
  }
}

/** Whether the person may still decide otherwise: nothing of it is under way. */
const isOpen = ({ kind }: UpdateState): boolean =>
  ['available', 'deferred', 'ready', 'failed'].includes(kind);

function offered(state: UpdateState, release: ReleaseOffered | null): UpdateState {
  if (state.kind === 'downloading' || state.kind === 'installing') return state;
  if (release === null) return { kind: 'none' };
  const isSame = 'release' in state && state.release.version === release.version;
  return isSame ? { ...state, release } : { kind: 'available', release };
}

function cancelled(state: UpdateState): UpdateState {
  if (state.kind === 'downloading') return { kind: 'available', release: state.release };
  return state.kind === 'installing' ? { kind: 'ready', release: state.release } : state;
}
