import type { View } from '../../src-shared/contract/page.ts';

/**
 * The view after a patch. Sections that did not change keep their identity, so nothing that reads them is redrawn.
 * The first patch of a connection is the whole view; a partial one before it has nothing to stand on.
 */
export function mergePatch(last: View | null, sections: Partial<View>): View | null {
  if (last) return { ...last, ...sections };
  return isWhole(sections) ? sections : null;
}

const required: readonly (keyof View)[] = [
  'app',
  'run',
  'setup',
  'worker',
  'chain',
  'round',
  'training',
  'scores',
  'wallet',
  'earnings',
  'swarm',
  'notices',
];

const isWhole = (sections: Partial<View>): sections is View =>
  required.every((section) => sections[section] !== undefined);
