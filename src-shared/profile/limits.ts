/** Caps of a run's profile. */

/** A profile is a page of text; the largest shipped one has 3 kB. */
export const PROFILE_BYTES_MAX = 65_536;
