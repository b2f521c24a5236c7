/** Waits and bounds of wallets. */

/** Balance and stake in the state of one block; the next block brings the next reading anyway. */
export const HOLDINGS_READ_LIMIT_MS = 20_000;

/** The first look is waited for so long, and then shown when it ends. */
export const SHELF_FIRST_MS = 5_000;
/** How often wallets are looked for where the system tells of no change; a look at files that did not change costs nothing. */
export const SHELF_LOOK_MS = 30_000;
/** The files of a wallet are written one after another: looked at once nothing more comes for this long. */
export const SHELF_SETTLE_MS = 300;
/** Networks that Butterfly has keys of its own for. */
export const OWN_NETWORKS_MAX = 64;
/** Names in the address book. */
export const CONTACTS_MAX = 1_000;

/** A quote holds so long: prices move. */
export const QUOTE_LIFE_MS = 30_000;
/** Quotes that are kept: those of one page, which asks again at each key that is typed. */
export const QUOTES_KEPT = 16;
/** What waits in the signing window waits so long: for a person who reads it and types a long password. */
export const REVIEW_LIFE_MS = 180_000;
/** All that a quote reads, on a node that is slow. */
export const QUOTE_READ_LIMIT_MS = 20_000;
/** From submission to a known fate; a mortal era of 64 blocks of 12 s ends before it, and what is open then is looked up on. */
export const MONEY_TX_LIMIT_MS = 1_800_000;
/** Where the chain holds no limit a registration lives so short that its price can hardly move. */
export const UNCAPPED_LIFE_BLOCKS = 8;
/** Own transactions that are kept in memory and shown, beside those whose fate is open. */
export const TRANSACTIONS_SHOWN = 200;
/**
 * One whose fate is open and that cannot be read bars its coldkey for so long; the era of any signature has ended by far.
 */
export const UNREADABLE_BARS_MS = 86_400_000;
/** One of them on disk, with its bytes. */
export const TRANSACTION_CHARS_MAX = 65_536;
/** A subnet calls itself what it likes; so much of it is shown. */
export const SUBNET_NAME_CHARS = 64;
/** A transaction whose fate could not be found is looked for again after this: a node that is away may be back. */
export const TRACK_AGAIN_MS = 2_000;
/** All that an account holds, over all subnets; a busy node answers the later questions late. */
export const PORTFOLIO_READ_LIMIT_MS = 30_000;
/** While somebody looks: every block of a real chain, and not each of a practice's, which come by the second. */
export const LOOKED_EVERY_MS = 6_000;
/** While nobody looks, for the line of the last days. */
export const UNSEEN_EVERY_MS = 900_000;
/** Names of subnets change seldom; those of subnets that are new are read at once. */
export const NAMES_KEPT_MS = 3_600_000;
/** How often the total of the day is written down. */
export const WORTH_NOTED_MS = 600_000;
