/** Typed events of one service; a listener that throws is its own affair and stops nobody else. */
export interface Listeners<Events> {
  on<N extends keyof Events>(name: N, listener: (payload: Events[N]) => void): () => void;
  emit<N extends keyof Events>(name: N, payload: Events[N]): void;
}

export function listeners<Events>(): Listeners<Events> {
  const kept = new Map<keyof Events, Set<(payload: never) => void>>();
  return {
    on(name, listener) {
      const set = kept.get(name) ?? new Set();
      kept.set(name, set.add(listener));
      return () => set.delete(listener);
    },
    emit(name, payload) {
      for (const listener of [...(kept.get(name) ?? [])]) {
        try {
          (listener as (payload: unknown) => void)(payload);
        } catch (error) {
          console.error('a listener failed', name, error);
        }
      }
    },
  };
}
