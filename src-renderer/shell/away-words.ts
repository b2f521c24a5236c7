import { startCalled } from '../../src-shared/program-name.ts';
import { formatCountdown } from '../i18n/format.ts';
import { t } from '../i18n/t.ts';
import type { ConnectionState } from '../state/host-line.svelte.ts';

export interface AwayWords {
  readonly title: string;
  readonly detail: string;
  readonly next: string | null;
  /** A live count to the next attempt. */
  readonly retry: string | null;
  /** Label of the button that tries at once; null where trying cannot help. */
  readonly button: string | null;
}

/** What to say while there is no line to the host: what is so, and the next step. */
export function awayWords(state: ConnectionState, nowMs: number): AwayWords {
  switch (state.kind) {
    case 'open':
    case 'connecting':
      return {
        title: t('connecting.title'),
        detail: t('connecting.detail'),
        next: null,
        retry: null,
        button: null,
      };
    case 'away': {
      const leftMs = state.nextAtMs - nowMs;
      return {
        title: t('away.title'),
        detail: t('away.detail'),
        next: t('away.next', { start: startCalled() }),
        retry: leftMs > 0 ? t('away.retry', { clock: formatCountdown(leftMs) }) : t('away.trying'),
        button: t('away.try'),
      };
    }
    case 'quit':
      return {
        title: t('quitted.title'),
        detail: t('quitted.detail'),
        next: t('quitted.next', { start: startCalled() }),
        retry: null,
        button: t('away.try'),
      };
    case 'refused':
      return {
        title: t('refused.title'),
        detail: t('refused.detail'),
        next: t('refused.next'),
        retry: null,
        button: null,
      };
    case 'replaced':
      return {
        title: t('replaced.title'),
        detail: t('replaced.detail'),
        next: t('replaced.next'),
        retry: null,
        button: t('replaced.take'),
      };
  }
}
