import { homedir } from 'node:os';
import { join } from 'node:path';
import { COLDKEY } from '../key-names.ts';

/** Where the tools of this field keep a user's wallets, and how each of them lies there. */
export const defaultWalletsDir = (): string => join(homedir(), '.bittensor', 'wallets');

export const COLDKEY_FILE = 'coldkey';
export const COLDKEY_PUBLIC_FILE = 'coldkeypub.txt';
export const HOTKEYS_FOLDER = 'hotkeys';
/** In the folder of keys that Butterfly made itself, which have no password: their coldkey lies here. */
export const OWN_COLDKEYS_FOLDER = 'practice-coldkeys';
export const OWN_COLDKEY_FILE = join(OWN_COLDKEYS_FOLDER, `${COLDKEY}.json`);
/** Ours, beside the keys: which account was proved to be backed up, and when. It goes where the wallet goes. */
export const BACKUP_NOTE_FILE = 'backed-up.json';
/** What both tools and people take where nothing else is said. */
export const DEFAULT_NAME = 'default';
