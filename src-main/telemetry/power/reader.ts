/** What a part of this computer draws. */
export type PowerPart = 'gpu' | 'cpu';

export interface PowerReading {
  /** By part, in watts; a part that nothing here can measure is not there. */
  readonly watts: Partial<Readonly<Record<PowerPart, number>>>;
}

/** Measures what this computer draws, as far as it has sensors that anybody may read. */
export interface PowerReader {
  /** null where nothing can be measured, yet or at all. Never rejects, but for the signal. */
  read(signal: AbortSignal): Promise<PowerReading | null>;
}
