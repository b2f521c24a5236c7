/** Waits of what a hotkey needs before it can work: registration, identity, stake. */

/** A chain read or a child call made for the page or at the start of a run. */
export const JOIN_READ_LIMIT_MS = 20_000;
/** The first answer of a network that somebody waits to join; a run that has joined waits for longer. */
export const JOIN_OPEN_LIMIT_MS = 15_000;
/** A registration or stake: from submission to a known fate; a mortal era of 64 blocks of 12 s ends before it. */
export const JOIN_TX_LIMIT_MS = 900_000;
/** A stake may be included for so many blocks; after a crash the next attempt waits for as long. */
export const STAKE_LIFE_BLOCKS = 32;
/** Between two looks at whether there is something to stake. */
export const STAKE_RETRY_BLOCKS = 2;
/** From asking a store for a profile to its last byte. */
export const PROFILE_FETCH_LIMIT_MS = 20_000;
/** How long a link holds that a bucket's key was made for: for one answer, on a clock that is minutes off. */
export const PROFILE_LINK_S = 600;
/** Between two looks at what follows a run: an owner announces days ahead, or their people wait minutes. */
export const SUCCESSOR_LOOK_MS = 300_000;
/** One such look: an announcement, and the profiles that it names. */
export const SUCCESSOR_LOOK_LIMIT_MS = 120_000;
/** Runs that follow one another, back to the one that works here. */
export const SUCCESSIONS_MAX = 16;
/** Subnets of which the newest announcement is remembered. */
export const SEEN_ANNOUNCEMENTS_MAX = 1_024;
