/** A key file is a few hundred bytes; anything longer is none and is not read whole. */
export const KEY_FILE_BYTES_MAX = 4_096;
/** Longest payload the chain client builds. */
export const PAYLOAD_BYTES_MAX = 65_536;
/** A peer binding is renewed at every start; one valid longer than this is a mistake. */
export const BINDING_LIFE_LIMIT_S = 400 * 86_400;
