/** How often the time since somebody touched this computer is read; systems tell of no change of it. */
export const IDLE_LOOK_MS = 10_000;
/** While a pause counts down, the tray is drawn again this often. */
export const TRAY_COUNTDOWN_MS = 30_000;
/** A page that ends unexpectedly is loaded again at once, and told of when it does so again within this. */
export const PAGE_HEALED_MS = 300_000;
/** The same is told by the system this seldom, and on the page at once. */
export const NEWS_AGAIN_MS = 1_800_000;
/** News that the system shows within an hour at most; more of them are turned off as a whole. */
export const NEWS_PER_HOUR = 6;
/** While somebody chooses a file, the page hears so often that they still do: below the limit of its calls. */
export const CHOICE_TOLD_MS = 30_000;
/** Windows ends what has not left so long after it said that the session ends. */
export const SESSION_END_MS = 4_000;
