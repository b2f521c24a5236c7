/** "1.2.3", and nothing behind it: releases have no other names. */
export const VERSION = /^(?:0|[1-9]\d{0,5})\.(?:0|[1-9]\d{0,5})\.(?:0|[1-9]\d{0,5})$/;

/** Negative where `a` is the older one. Of another form than `VERSION` is older than all that has it. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const [at, part] of left.entries()) {
    const difference = part - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const partsOf = (version: string): readonly number[] =>
  VERSION.test(version) ? version.split('.').map(Number) : [-1, -1, -1];
