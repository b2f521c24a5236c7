/** Stands behind a hotkey's name in that of its public file. */
export const PUBLIC_ENDING = 'pub.txt';

/** Names that are file names on every system, and not hidden. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const isWalletName = (text: string): boolean => NAME.test(text) && !text.endsWith(PUBLIC_ENDING);
