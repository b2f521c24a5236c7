/** A key file is a few hundred bytes; anything longer is none and is not read whole. */
export const KEY_FILE_BYTES_MAX = 4_096;
/** Longest payload the chain client builds. */
export const PAYLOAD_BYTES_MAX = 65_536;
/** Wallets in one folder, and hotkeys in one wallet, that are looked at: a person has a handful. */
export const WALLETS_MAX = 256;
export const HOTKEYS_MAX = 1_024;
/** A coldkey that was opened locks itself after this, and after the computer slept. */
export const AUTO_LOCK_MS = 300_000;
/** Wrong passwords that cost no wait: people mistype. From the next one on each doubles it, up to the longest. */
export const WRONG_FREE = 3;
export const WRONG_WAIT_FIRST_MS = 5_000;
export const WRONG_WAIT_MAX_MS = 300_000;
/** What stands behind a call in a payload: era, nonce, tip, mode, versions, two hashes and marks; with room for more. */
export const TAIL_BYTES_MAX = 256;
/** A password becomes a key in six seconds on a slow machine, and in ten times as many on a busy one. */
export const LOCK_LIMIT_MS = 120_000;
/** A peer binding is renewed at every start; one valid longer than this is a mistake. */
export const BINDING_LIFE_LIMIT_S = 400 * 86_400;
/** Tokens of services in one data folder: a person has a handful. */
export const TOKENS_MAX = 64;
/** Longest text of a token in a pipe or a credential: two secrets of 4,096 letters, and their line ends. */
export const TOKEN_TEXT_BYTES_MAX = 8_200;
/** The system's keychain opens or locks one token, asking its user to unlock it where it must: nobody may be there. */
export const KEYCHAIN_LIMIT_MS = 60_000;
/** Longest token as a keychain locked it, in base64: two secrets with their quotation marks escaped, and what it adds. */
export const WRAPPED_CHARS_MAX = 32_768;
