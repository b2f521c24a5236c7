import type { Ss58 } from '../../src-shared/units.ts';

/** What a subnet must be for its chain to be used and for anything to be spent on it; null accepts anything there. */
export interface ExpectedSubnet {
  readonly name: string | null;
  readonly ownerColdkey: Ss58 | null;
}

/** The root network: everybody's, and no project's. */
export const ROOT = 0;
