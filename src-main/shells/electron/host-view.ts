import { listeners } from '../../../src-node/listeners.ts';
import { applyPatch, type View } from '../../../src-shared/contract/page/sections.ts';
import type { Host } from '../../host.ts';

/** The host's view as the shell follows it, whether a window is open or not. */
export interface HostView {
  readonly now: View;
  /** Called after each batch of changes. @returns a function that unsubscribes. */
  onChange(listener: (view: View) => void): () => void;
  stop(): void;
}

/** Follows the view without counting as somebody who looks at it. */
export async function followView(host: Pick<Host, 'api' | 'observe'>): Promise<HostView> {
  const changes = listeners<{ change: View }>();
  let now = await host.api.view();
  const leave = host.observe({
    patch(sections) {
      now = applyPatch(now, sections);
      changes.emit('change', now);
    },
  });
  return {
    get now() {
      return now;
    },
    onChange: (listener) => changes.on('change', listener),
    stop: leave,
  };
}
