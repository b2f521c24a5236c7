import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the tools of this field keep a user's wallets, and how each of them lies there. */
export const defaultWalletsDir = (): string => join(homedir(), '.bittensor', 'wallets');

export const COLDKEY_FILE = 'coldkey';
export const COLDKEY_PUBLIC_FILE = 'coldkeypub.txt';
export const HOTKEYS_FOLDER = 'hotkeys';
/** What both tools and people take where nothing else is said. */
export const DEFAULT_NAME = 'default';
