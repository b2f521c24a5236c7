import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the tools of this field keep a user's wallets, and how each of them lies there. */
export const defaultWalletsDir = (): string => join(homedir(), '.bittensor', 'wallets');

export const COLDKEY_FILE = 'coldkey';
export const COLDKEY_PUBLIC_FILE = 'coldkeypub.txt';
export const HOTKEYS_FOLDER = 'hotkeys';
/** Stands behind a hotkey's name in that of its public file. */
export const PUBLIC_ENDING = 'pub.txt';
/** What both tools and people take where nothing else is said. */
export const DEFAULT_NAME = 'default';

/** Names that are file names on every system, and not hidden. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const isWalletName = (text: string): boolean => NAME.test(text) && !text.endsWith(PUBLIC_ENDING);
