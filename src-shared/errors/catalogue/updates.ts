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
  UPDATE_NOT_INSTALLED: {
    sentence: 'Version {version} was to be installed, and this is still {current}.',
    action: 'Nothing was lost. Try again, or install it from the project page.',
  },
  UPDATE_NOTHING: {
    sentence: 'There is no update that this could be done with.',
    action: 'Look for updates once more.',
  },
} as const satisfies Record<string, CatalogueEntry>;
