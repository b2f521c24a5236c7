import { EARLY_BYTES_MAX, EARLY_NOTIFICATIONS_MAX } from './limits.ts';

/** Notices of subscriptions whose id is still on its way: a node may notify before it has answered with the id. */
export interface EarlyNotices {
  /** @param bytes of the frame it came in. @returns false where there is no room */
  keep(subscription: string, result: unknown, bytes: number): boolean;
  /** What came for that subscription so far, in order; it is kept no longer. */
  take(subscription: string): readonly unknown[];
  clear(): void;
}

export function earlyNotices(): EarlyNotices {
  let kept: { readonly subscription: string; readonly result: unknown; readonly bytes: number }[] = [];
  let heldBytes = 0;

  return {
    keep(subscription, result, bytes) {
      if (kept.length >= EARLY_NOTIFICATIONS_MAX || heldBytes + bytes > EARLY_BYTES_MAX) return false;
      kept.push({ subscription, result, bytes });
      heldBytes += bytes;
      return true;
    },
    take(subscription) {
      const taken = kept.filter((notice) => notice.subscription === subscription);
      kept = kept.filter((notice) => notice.subscription !== subscription);
      heldBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
      return taken.map(({ result }) => result);
    },
    clear() {
      kept = [];
      heldBytes = 0;
    },
  };
}
