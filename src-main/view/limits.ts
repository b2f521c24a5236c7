/** How often the view looks, and what it takes for worth telling. */

/** Who was away for less has missed nothing worth a line. */
export const AWAY_LEAST_MS = 600_000;
/** While a page is open it is noted this often that somebody looks: a power cut says nothing of the end. */
export const LOOK_NOTED_MS = 60_000;
/** Rounds looked through for those of the time away: more than a week of real ones. */
export const AWAY_ROUNDS_READ = 500;
/** What was told is looked through so far back for the faults of the time away, and so many of them are named. */
export const AWAY_EVENTS_READ = 500;
export const AWAY_FAULTS_NAMED = 6;
