import type { CatalogueEntry } from './entry.ts';

/** Wallets, keys and their passwords. */
export const vault = {
  KEY_FILE_CORRUPT: {
    sentence: 'The key file {path} could not be read.',
    action: 'Restore it from your backup. Butterfly did not change it.',
  },
  KEY_FILE_LOCKED: {
    sentence: 'The key file {path} is locked with a password, and this version opens none of those.',
    action: 'Use a hotkey whose file has no password. Butterfly did not change this one.',
  },
  WALLET_NAME_INVALID: {
    sentence: 'A wallet cannot be called “{name}”.',
    action: 'Use letters, digits, dots and dashes, and begin with a letter or a digit.',
  },
  WALLET_EXISTS: {
    sentence: 'There is a wallet called “{name}” already, in {path}.',
    action: 'Choose another name. The wallet that is there was not changed.',
  },
  WALLET_HAS_ADDRESS: {
    sentence: 'The wallet “{name}” has this address already ({folder}).',
    action: 'Choose that wallet. Nothing was written.',
  },
  WALLET_NOT_FOUND: {
    sentence: 'There is no wallet “{name}” here for the network {network}.',
    action: '{program} wallet lists them. A folder is written with a slash in it.',
  },
  WALLET_WITHOUT_COLDKEY: {
    sentence: 'Nothing in the wallet “{name}” says which coldkey it has.',
    action: 'Add its public file (coldkeypub.txt), or choose another wallet.',
  },
  HOTKEY_NOT_NAMED: {
    sentence: 'The wallet “{wallet}” has several hotkeys, and none is called “default”, or it has none.',
    action: 'Say which: --hotkey, with its name or an address.',
  },
  HOTKEY_NOT_IN_WALLET: {
    sentence: 'The wallet “{wallet}” has no hotkey “{name}”.',
    action: '{program} wallet lists them; or give the whole address.',
  },
  WALLET_UNKNOWN: {
    sentence: 'No wallet on this computer has the address {address}.',
    action: 'Look whether its folder is still there, then try again.',
  },
  WALLETS_UNREADABLE: {
    sentence: 'The wallets in {folder} cannot be looked at.',
    action: 'Give your user read access to that folder, or choose another one in Settings.',
  },
  CONTACT_NAME_INVALID: {
    sentence: 'That is no name for an address.',
    action: 'Use up to {most} letters that can be seen, in one line.',
  },
  CONTACT_NAME_TAKEN: {
    sentence: 'Another address is called “{name}” already: {address}.',
    action: 'Choose another name. Nothing was changed.',
  },
  CONTACTS_FULL: {
    sentence: 'The address book holds {most} names, and takes no more.',
    action: 'Remove a name that you no longer need.',
  },
  ADDRESS_INVALID: {
    sentence: '“{address}” is no address of this network.',
    action: 'Copy it again from where you have it, whole and without blanks.',
  },
  KEY_PASSWORD_WRONG: {
    sentence: 'The key file {path} does not open with this password.',
    action:
      'Type it again: capitals, blanks and the language of the keyboard count. If you are sure of it, the file is damaged.',
  },
  KEY_FILE_PUBLIC: {
    sentence: 'The key file {path} names an account and holds no secret of it.',
    action:
      'Choose the key’s own file, which lies beside it, or restore it from its phrase with the wallet that made it.',
  },
  KEY_FILE_CONTRADICTS: {
    sentence: 'In the key file {path}, {part} belongs to another account than the secret.',
    action: 'Restore it from your backup. Butterfly signed nothing with it and did not change it.',
  },
  KEY_PHRASE_WORD: {
    sentence: 'Word {word} of the phrase in {path} is not in the list of words.',
    action: 'Compare it with what you wrote down. Butterfly did not change the file.',
  },
  KEY_PHRASE_INVALID: {
    sentence:
      'The words of the phrase in {path} do not fit each other: one is wrong, missing or out of place.',
    action: 'Compare them with what you wrote down. Butterfly did not change the file.',
  },
  KEY_PRIVATE_INVALID: {
    sentence: 'These digits are no private key of an sr25519 account.',
    action: 'Compare them with what you have: 128 digits of hex. Nothing was written.',
  },
  KEY_PRIVATE_OTHER: {
    sentence: 'This private key belongs to another account than {address}.',
    action: 'Look for the key of that account. Nothing was written.',
  },
  KEY_FILE_FOREIGN: {
    sentence: 'The file {path} is no key file: no wallet that is known here writes such files.',
    action:
      'Choose a JSON keystore or a key file of a wallet. Words on a list are typed instead. Nothing was written.',
  },
  KEY_FILE_TOO_LONG: {
    sentence: 'The file {path} is too large for the key of one account: more than {most} KiB.',
    action: 'Export the one account by itself where it comes from. Nothing was written.',
  },
  WALLET_FOLDER_EMPTY: {
    sentence: 'There is no wallet in {path}: neither a coldkey nor a folder of hotkeys.',
    action: 'Choose the folder in which the coldkey lies. Nothing was written.',
  },
  KEYSTORE_BATCH: {
    sentence: 'The file {path} holds several accounts at once.',
    action:
      'Export the one account by itself where the file comes from, then import that. Nothing was written.',
  },
  KEYSTORE_OLD: {
    sentence:
      'The file {path} was written by an old wallet in a form that is no longer read (version {version}).',
    action: 'Import it there, export it again with a newer version, then import that. Nothing was written.',
  },
  KEYSTORE_KIND: {
    sentence:
      'The account in {path} is of the kind {kind}. Coldkeys of this network are of the kind sr25519.',
    action: 'Export an sr25519 account. Nothing was written.',
  },
  KEY_WITHOUT_WORDS: {
    sentence: 'The key file {path} holds a private key alone: neither words nor a seed of it are known.',
    action: 'Keep a copy of the file and its password. Whoever made the key may have its words.',
  },
  BACKUP_WORD: {
    sentence: 'Word {word} is not in the list of words.',
    action: 'Compare it with what you wrote down. Nothing was made.',
  },
  BACKUP_INVALID: {
    sentence: 'These words do not fit each other: one is wrong, missing or out of place.',
    action: 'Compare them with what you wrote down, in their order. Nothing was made.',
  },
  PASSWORD_TOO_SHORT: {
    sentence: 'This password is too short: it has fewer than {least} characters.',
    action: 'Take a longer one. Who has the file can try as many passwords as they like.',
  },
  WALLET_TASK_GONE: {
    sentence: 'This is not open any more.',
    action: 'Begin again on the page. What was made before stays.',
  },
  REVIEW_GONE: {
    sentence: 'This order does not wait any more. Nothing was signed.',
    action: 'Ask for it again on the page, with a new quote.',
  },
  SIGNING_NOT_HERE: {
    sentence:
      'On the network {network} coins are money, so its passwords and words are not typed in a browser, where extensions can read them.',
    action: 'Use the window of the Butterfly app, or a terminal: {program} {command}',
  },
  SIGNING_APP_ONLY: {
    sentence:
      'On the network {network} coins are money, so its passwords and words are not typed in a browser, where extensions can read them.',
    action: 'Use the window of the Butterfly app. A terminal has no command for this.',
  },
  PASSWORD_NOT_HERE: {
    sentence:
      'The wallet “{wallet}” is yours on every network, so its password is not typed in a browser, where extensions can read it.',
    action: 'Use the window of the Butterfly app, or a wallet that is made for this network alone.',
  },
  SIGNING_NO_WINDOW: {
    sentence: 'This Butterfly runs without a window, so nothing can be signed in one.',
    action: 'Start it with a page or in the app, or use its commands at a terminal.',
  },
  KEY_LOCKED: {
    sentence: 'The coldkey {address} is locked.',
    action: 'Open it with its password. Nothing was signed.',
  },
  KEY_PASSWORD_WAIT: {
    sentence: 'Several passwords were wrong. The next one is taken in {seconds} s.',
    action: 'Wait that long. Nothing was signed.',
  },
  KEY_FILE_ABSENT: {
    sentence: 'The key file {path} is not there any more.',
    action: 'Put it back, or choose another wallet. Nothing was signed.',
  },
  KEY_UNKNOWN: {
    sentence: 'There is no key named {name}.',
    action: 'Create it first.',
  },
  KEY_USE_REFUSED: {
    sentence: 'The key {name} does not sign that ({what}).',
    action: 'Nothing was signed. If you did not expect this, send the log from the data folder.',
  },
  HOTKEY_LIVE_ELSEWHERE: {
    sentence: 'This hotkey was started on another machine ({peer}) later than here.',
    action: 'Stop it there, and this one goes on within minutes. Or use another hotkey here.',
  },
  TOKEN_UNKNOWN: {
    sentence: 'There is no token “{name}” here, or it is one of another service.',
    action: 'Set it under Settings, or at a terminal: {program} token set',
  },
  TOKEN_LOCKED: {
    sentence: 'The token “{name}” is locked by a keychain of the system that does not open it now.',
    action:
      'Unlock your keychain and start the Butterfly app that set it, or set the token anew. Its file was not changed.',
  },
  TOKEN_INVALID: {
    sentence: 'That is no secret of this kind of service ({kind}).',
    action: 'Copy it again from where you have it, whole and without blanks. Nothing was changed.',
  },
  TOKEN_NAME_INVALID: {
    sentence: 'A token cannot be called “{name}”.',
    action: 'Use up to 32 small letters, digits and dashes, with no dash at the ends.',
  },
  TOKEN_OF_SERVICE: {
    sentence: 'The token “{name}” is handed to this service by the system.',
    action: 'Change it where the service has it from (LoadCredential), and start the service again.',
  },
  TOKENS_FULL: {
    sentence: 'There are {most} tokens here, and no more are kept.',
    action: 'Forget one that you no longer need.',
  },
  KEYCHAIN_REFUSED: {
    sentence: 'The keychain of the system did not take the token.',
    action: 'Unlock it and try again. Nothing was kept.',
  },
} as const satisfies Record<string, CatalogueEntry>;
