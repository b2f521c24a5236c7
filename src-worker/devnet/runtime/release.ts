/**
 * A release of Subtensor’s runtime that these rules can follow: what it has that others have not. Descriptions and
 * rules ask for what they need by name, never for a version.
 */
export interface Release {
  readonly specVersion: number;
}

/** Mainnet in the spring of 2026: what a chain begins with unless it is told otherwise. */
export const release393: Release = { specVersion: 393 };

/** All of them, rising. */
export const RELEASES: readonly Release[] = [release393];
