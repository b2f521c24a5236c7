import { listeners } from '../../src-node/listeners.ts';
import { type DeskSignals, untoldSignals } from '../../src-shared/rules/signals.ts';

/** Where shells tell what their system says of the desk, for the house rules. */
export interface Desk {
  /** What is left out stays as it was told last; null takes back what was told. */
  tell(signals: Partial<DeskSignals>): void;
}

/** The same with what was told, for those who read it. */
export interface HeardDesk extends Desk {
  readonly told: DeskSignals;
  /** Called when something that was told differs from before. @returns a function that unsubscribes. */
  onChange(listener: () => void): () => void;
}

export function openDesk(): HeardDesk {
  const changes = listeners<{ change: undefined }>();
  let told = untoldSignals;
  return {
    get told() {
      return told;
    },
    tell(signals) {
      const next = { ...told, ...signals };
      const isNew = (Object.keys(next) as (keyof DeskSignals)[]).some((name) => next[name] !== told[name]);
      told = next;
      if (isNew) changes.emit('change', undefined);
    },
    onChange: (listener) => changes.on('change', listener),
  };
}
