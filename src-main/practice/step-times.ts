import { STEP_OLD_MS } from './limits.ts';

/** A busy machine gives its steps by bursts: some take a tenth of the mean, some ten times as long. */
const STEPS_KEPT = 8;

/** How long the newest inner steps took, as wall time in ms. */
export function stepTimes(): { add(ms: number): void; meanMs(): number | null } {
  let kept: { readonly ms: number; readonly atMs: number }[] = [];
  return {
    add(ms) {
      kept = [...kept, { ms, atMs: performance.now() }].slice(-STEPS_KEPT);
    },
    /** Null where none is young enough to say anything of the load now. */
    meanMs() {
      const since = performance.now() - STEP_OLD_MS;
      const fresh = kept.filter(({ atMs }) => atMs > since);
      return fresh.length === 0 ? null : fresh.reduce((sum, { ms }) => sum + ms, 0) / fresh.length;
    },
  };
}
