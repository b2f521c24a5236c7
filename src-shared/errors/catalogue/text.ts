import type { CatalogueEntry } from './entry.ts';

/** Training text: where it comes from, and what was wrong with it. */
export const text = {
  TEXT_REFUSED: {
    sentence: '{host} lets nobody read {what} without an account ({status}).',
    action:
      'Ask whoever leads the run for a data set that is open to all. Training goes on with other text, unpaid.',
  },
  TEXT_NOT_FOUND: {
    sentence: '{host} has no {what}.',
    action: 'Ask whoever leads the run where its data set went. Training goes on with other text, unpaid.',
  },
  TEXT_ANSWER_WRONG: {
    sentence: '{host} answered wrongly about {what}: {reason}.',
    action:
      'Nothing of it was used. If it stays, look for a proxy or a filter between this computer and the network.',
  },
  TEXT_MALFORMED: {
    sentence: 'The text of {what} cannot be read: {reason}.',
    action: 'Nothing of it was used. Tell whoever leads the run; training goes on with other text, unpaid.',
  },
  TEXT_TOO_LARGE: {
    sentence: '{what} holds more than this program takes: {reason}.',
    action: 'Ask whoever leads the run for a data set in smaller pieces.',
  },
  TEXT_MANIFEST_DIFFERS: {
    sentence: 'The training text {what} is not the one of this run: its manifest is {found}, not {expected}.',
    action: 'Get the files that the others have, or ask whoever leads the run which state it means.',
  },
  TEXT_COLUMN_MISSING: {
    sentence: '{what} has no column of text named {column}.',
    action: 'Ask whoever leads the run for a corrected profile.',
  },
  TEXT_NONE: {
    sentence: 'There is no text in {pages} pages of the data set one after another.',
    action: 'Ask whoever leads the run whether its profile names the right data set and column.',
  },
  TEXT_FOLDER_MISSING: {
    sentence:
      'This run trains on files of {name}, and the profile does not say in which folder they lie here.',
    action: 'Write the folder into the profile’s local part as textFolder, then start the run again.',
  },
  TEXT_FILE_CHANGED: {
    sentence: 'The file {path} changed while Butterfly trains on it.',
    action: 'Put the file back that the others have, then start the run again.',
  },
  TEXT_KEPT_DAMAGED: {
    sentence: 'The page of training text at {path} was damaged and is fetched again.',
    action: 'Nothing was trained on it. If this comes often, check the disk.',
  },
  TEXT_UNREACHABLE: {
    sentence: 'Training text cannot be had from {host} at the moment.',
    action:
      'Look whether this computer is online. Training goes on meanwhile with text that is here already, unpaid.',
  },
} as const satisfies Record<string, CatalogueEntry>;
