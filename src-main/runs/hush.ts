/** What keeps a run from saying anything on its subnet: another start of its hotkey, or a subnet that is foreign. */
export interface Hush {
  /** Another start speaks, or is gone. @throws what `renew` does; then it stays silent */
  setBlocked(isBlocked: boolean): Promise<void>;
  setForeign(isForeign: boolean): void;
}

/**
 * @param speaker is silent while it is blocked
 * @param renew makes the own word newer: the statement of the other start still stands in everybody's books
 */
export function hushed(speaker: { isBlocked: boolean }, renew: () => Promise<unknown>): Hush {
  let isElsewhere = false;
  let isForeign = false;
  let turn = 0;
  const hush = () => {
    speaker.isBlocked = isElsewhere || isForeign;
  };
  return {
    async setBlocked(isBlocked) {
      const mine = ++turn;
      if (!isBlocked) await renew();
      // A start that was sighted meanwhile keeps it silent.
      if (mine === turn) isElsewhere = isBlocked;
      hush();
    },
    setForeign(next) {
      isForeign = next;
      hush();
    },
  };
}
