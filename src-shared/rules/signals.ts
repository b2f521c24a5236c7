/** What is known of the desk at which this computer stands. `null`: nobody here can tell, which is never a no. */
export interface DeskSignals {
  readonly onBattery: boolean | null;
  /** Some program fills a screen: a film, a game, a talk. */
  readonly isFullScreen: boolean | null;
  readonly isLocked: boolean | null;
  /** Seconds since somebody last touched a key or the mouse. */
  readonly idleSeconds: number | null;
  /** This computer is going to sleep, or sleeps: from the system's word before it to its word after it. */
  readonly isSuspended: boolean;
}

/** Before anybody has told anything. */
export const untoldSignals: DeskSignals = {
  onBattery: null,
  isFullScreen: null,
  isLocked: null,
  idleSeconds: null,
  isSuspended: false,
};
