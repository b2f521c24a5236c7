import type { CatalogueEntry } from './entry.ts';

/** Published models: looked at, fetched, checked and tried. */
export const models = {
  MODEL_SOURCE_UNKNOWN: {
    sentence: '“{typed}” is no address of a store of models.',
    action:
      'Write hub:owner/name, the address of its page on the Hub, s3:host/bucket, or the path of a folder.',
  },
  MODEL_SOURCE_UNREADABLE: {
    sentence: '{address} cannot be opened as Settings are now.',
    action: 'Look at Publishing on the screen Settings: the place may have been changed or taken out.',
  },
  MODEL_SOURCE_GONE: {
    sentence: 'The store that this model comes from is not in the list any more.',
    action: 'Add its address again, then go on.',
  },
  MODEL_SOURCES_FULL: {
    sentence: '{most} stores are looked at already.',
    action: 'Remove one that you do not need.',
  },
  MODEL_NOT_LISTED: {
    sentence: 'No state {tag} is known of that store.',
    action: 'Look again which ones are there.',
  },
  MODEL_UNKNOWN: {
    sentence: 'There is no such model on this computer any more.',
    action: 'Download it again.',
  },
  MODEL_NO_ROOM: {
    sentence: 'This model takes {neededMib} MiB, and {freeMib} MiB are free on the disk of {path}.',
    action: 'Free space there, or delete models that you do not need. What came so far is kept.',
  },
  MODEL_BUSY: {
    sentence: 'This model is being worked on just now ({what}).',
    action: 'Wait until that is over, or cancel it.',
  },
  MODEL_DOWNLOADS_FULL: {
    sentence: '{most} models lie on this computer, and more are not kept track of.',
    action: 'Delete some that you do not need.',
  },
  MODEL_LOSS_RISES: {
    sentence:
      'The loss of {run} has risen for {states} states in a row since round {round}, from {from} to {to}.',
    action:
      'It gets worse on text that nobody trains on. Look at the curve on the screen Models, and ask whoever runs it. The state of round {round} is the best to keep.',
  },
} as const satisfies Record<string, CatalogueEntry>;
