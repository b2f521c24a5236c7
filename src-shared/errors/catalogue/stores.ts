import type { CatalogueEntry } from './entry.ts';

/** Where states are published to, and what keeps them from getting there or back. */
export const stores = {
  STORE_NOT_CHOSEN: {
    sentence: 'No place was chosen to publish to.',
    action: 'Choose one on the screen Settings, under Publishing.',
  },
  STORE_KEY_MISSING: {
    sentence: 'There is no key for {store}.',
    action: 'Put one in on the screen Settings, under Publishing, or at a terminal: {program} token set',
  },
  STORE_KEY_REFUSED: {
    sentence: '{store} does not take this key.',
    action:
      'It may be revoked or cut off. Make a new one there and put it in on the screen Settings, or at a terminal: {program} token set',
  },
  STORE_SCOPE_MISSING: {
    sentence: '{store} knows this key, and it may not do this: {scope} is missing.',
    action:
      'Make a key that has it, and put that in on the screen Settings, or at a terminal: {program} token set',
  },
  STORE_PLACE_MISSING: {
    sentence: '{place} is not there, or not for this key.',
    action:
      'Make it there first, or correct its name: where you publish to on the screen Settings, a store that you added on the screen Models.',
  },
  STORE_FULL: {
    sentence: '{place} has no room for {neededMib} MiB more.',
    action: 'Free space there, or keep fewer states. Publishing goes on by itself; nothing is lost here.',
  },
  STORE_UNREACHABLE: {
    sentence: '{store} could not be reached ({why}).',
    action: 'It is tried again by itself. If this stays, look at the network and at the address in Settings.',
  },
  STORE_BUSY: {
    sentence: '{store} asks to be left alone for now.',
    action: 'It is tried again by itself. Publishing less often, or keeping fewer states, helps.',
  },
  STORE_ANSWER_FOREIGN: {
    sentence: '{store} answered with something that is no answer of such a store ({what}).',
    action: 'Look whether the address in Settings leads where it should.',
  },
  STORE_ADDRESS_INSECURE: {
    sentence: '{address} would carry the key and everything else unencrypted.',
    action: 'Use its address that begins with https.',
  },
  STORE_WITHOUT_LIST: {
    sentence: '{place} has no list of its states ({name}).',
    action:
      'Whoever serves that folder publishes into it once more: Butterfly writes the list there. It has to lie beside the states.',
  },
  STORE_STATE_MISSING: {
    sentence: '{place} has no state {tag}.',
    action: 'Look which ones are there, and ask for one of those.',
  },
  STORE_STATE_DIFFERS: {
    sentence: '{place} has another state under {tag} already. It was left as it is.',
    action:
      'Publish to a place of its own: two computers, or two runs, may be writing to this one under one name.',
  },
  STORE_FILE_DIFFERS: {
    sentence: '{place} has another file as {path} already. It was left as it is.',
    action:
      'Look at it there. If it is an earlier one of yours, delete it there and publish again; else publish to another place.',
  },
  STORE_PRIVATE: {
    sentence: '{place} is closed to others. Nothing was put there.',
    action:
      'Open it to all where it lies, or publish to another place: all of it would be open, not this file alone.',
  },
  STORE_STATE_DAMAGED: {
    sentence: '{name} of state {tag} is not what its manifest says ({what}).',
    action: 'It was not used. Take another state, or the same one from elsewhere.',
  },
  STORE_CONFLICT: {
    sentence: 'Somebody else writes to {place} all the time, so that nothing of ours fits in between.',
    action: 'Let one program alone write there. It is tried again after the next round.',
  },
  STORE_ROUND_TRIP_WRONG: {
    sentence: '{store} gave back something else than what was written to it.',
    action: 'Do not publish there: what is kept there cannot be relied on.',
  },
  PUBLISH_FOLDER_UNFIT: {
    sentence: 'What lies in {path} cannot be published ({what}).',
    action: 'It is made anew after the next round. If this stays, look whether the disk is sound.',
  },
} as const satisfies Record<string, CatalogueEntry>;
