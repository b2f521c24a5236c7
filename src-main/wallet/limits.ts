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
/** Names in the address book, and how long each may be: it stands in one line beside an amount. */
export const CONTACTS_MAX = 1_000;
export const CONTACT_NAME_CHARS = 40;
