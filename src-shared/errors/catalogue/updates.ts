import type { CatalogueEntry } from './entry.ts';

/** What keeps another version from coming, and another computer from taking over. */
export const updates = {
  UPDATE_FEED_SILENT: {
    sentence: 'The list of releases could not be fetched ({why}).',
    action: 'Nothing is wrong with this version. Butterfly asks again later by itself.',
  },
  UPDATE_FEED_FORGED: {
    sentence: 'The list of releases is not signed by the makers of Butterfly.',
    action: 'It was left alone. If this stays, look on the project page for what happened.',
  },
  UPDATE_FEED_MALFORMED: {
    sentence: 'The list of releases cannot be read.',
    action: 'It was left alone. If this stays, install the newest version from the project page.',
  },
  UPDATE_FEED_EXPIRED: {
    sentence: 'The list of releases was valid until {until}: somebody may keep newer ones from you.',
    action:
      'Set the clock of this computer right, or look on the project page whether there is a newer version.',
  },
  UPDATE_FEED_OLDER: {
    sentence: 'An older list of releases came than one that was seen before (number {found}, after {known}).',
    action: 'It was left alone. If this stays, look on the project page whether there is a newer version.',
  },
  UPDATE_BY_HAND: {
    sentence: 'Version {version} follows on {least} at the earliest, and this is {current}.',
    action: 'Install it from the project page by hand: what you have is kept.',
  },
  UPDATE_FETCH_FAILED: {
    sentence: 'Version {version} could not be downloaded ({why}).',
    action: 'Nothing was changed. Try again when the network is well.',
  },
  UPDATE_FILE_WRONG: {
    sentence: 'What came as version {version} is not what its makers signed ({why}). It was deleted.',
    action: 'Nothing was changed. Try again; if it happens again, do not install it from there.',
  },
  UPDATE_SIGNATURE_WRONG: {
    sentence: 'This system says that version {version} is not signed as this one is.',
    action: 'Nothing was changed. Do not install it from there: look on the project page what happened.',
  },
  UPDATE_PLACE_READ_ONLY: {
    sentence: 'Version {version} cannot take the place of this one: {path} may not be written to.',
    action:
      'Nothing was changed. Move Butterfly into a folder of your own (on macOS into Applications), start it from there, and try again.',
  },
  UPDATE_HAND_OVER_FAILED: {
    sentence: 'Version {version} could not be handed to what installs it ({why}).',
    action: 'Nothing was changed. Try again, or install it from the project page.',
  },
  UPDATE_NOT_INSTALLED: {
    sentence: 'Version {version} was to be installed, and this is still {current}.',
    action: 'Nothing was lost. Try again, or install it from the project page.',
  },
  HOTKEY_MOVED_AWAY: {
    sentence: 'The hotkey {hotkey} was moved to another computer on {day}, and works there.',
    action:
      'Leave it to that computer. If it never began there: {program} move --take-back, which says what that risks.',
  },
  MOVED_AWAY_UNREADABLE: {
    sentence: 'The note {path} says which hotkeys were moved to another computer, and it cannot be read.',
    action: 'If none works elsewhere, rename this file and its copy (.copy), then start the run again.',
  },
  MOVE_FILE_THERE: {
    sentence: 'There is a file {path} already.',
    action: 'Choose another name: nothing is written over.',
  },
  MOVE_FILE_UNREADABLE: {
    sentence: '{path} is no file that was made by moving Butterfly, or it is damaged ({why}).',
    action: 'Copy it from the old computer once more. Nothing was changed here.',
  },
  MOVE_FILE_NEWER: {
    sentence: '{path} was made by a newer Butterfly.',
    action: 'Update Butterfly here, then import it. Nothing was changed.',
  },
  MOVE_TOO_LARGE: {
    sentence: 'What would move takes more than {mib} MiB.',
    action: 'Move the data folder itself, with Butterfly stopped on both computers.',
  },
  MOVE_NAME_ODD: {
    sentence: 'The name {name} holds signs that not every computer takes.',
    action:
      'Give that folder or file a plainer name, join with it once more, then export. Nothing was given up.',
  },
  MOVE_NOTHING: {
    sentence: 'There is nothing in {path} that another computer would need.',
    action: 'Name the data folder that you mean with --data-dir.',
  },
  MOVE_ORDERS_OPEN: {
    sentence: 'It is not known yet what became of {count} signed orders.',
    action: 'Start Butterfly and wait until they are settled, then move or reset.',
  },
  MOVE_COLDKEYS_APP_ONLY: {
    sentence: 'Coldkeys are put into a file by no browser, where extensions can read its password.',
    action:
      'Leave them out, or use the window of the Butterfly app, or a terminal: {program} move --export FILE --coldkeys',
  },
  MOVE_TASK_GONE: {
    sentence: 'This move is not open any more.',
    action: 'Begin again on the page. What was given up or brought in before stays so.',
  },
  MOVE_WHILE_SIGNING: {
    sentence: 'Something waits in the signing window, so nothing was moved.',
    action: 'Finish it there or withdraw it, then begin again.',
  },
  TAKE_BACK_NOT_TYPED: {
    sentence: 'Nothing was taken back: the words were not typed.',
    action: 'Type “take back” if none of these hotkeys works elsewhere.',
  },
  RESET_NOT_TYPED: {
    sentence: 'Nothing was reset: the word was not typed.',
    action: 'Type “reset” to begin anew.',
  },
  RESET_WHILE_SIGNING: {
    sentence: 'Something waits in the signing window, so nothing was reset.',
    action: 'Finish it there or withdraw it, then reset.',
  },
  UPDATE_NOTHING: {
    sentence: 'There is no update that this could be done with.',
    action: 'Look for updates once more.',
  },
} as const satisfies Record<string, CatalogueEntry>;
