/** A key file is a few hundred bytes; anything longer is none and is not read whole. */
export const KEY_FILE_BYTES_MAX = 4_096;
/** Longest payload the chain client builds. */
export const PAYLOAD_BYTES_MAX = 65_536;
/** Wallets in one folder, and hotkeys in one wallet, that are looked at: a person has a handful. */
export const WALLETS_MAX = 256;
export const HOTKEYS_MAX = 1_024;
/** A password becomes a key in six seconds on a slow machine, and in ten times as many on a busy one. */
export const LOCK_LIMIT_MS = 120_000;
/** A peer binding is renewed at every start; one valid longer than this is a mistake. */
export const BINDING_LIFE_LIMIT_S = 400 * 86_400;
