import type { CatalogueEntry } from './entry.ts';

/** What any part can meet: limits, the page and the children. */
export const general = {
  // General
  INTERNAL: {
    sentence: 'A part of Butterfly failed in a way it does not know.',
    action: 'Restart Butterfly. If it happens again, send the log from the data folder.',
  },
  CANCELLED: {
    sentence: 'The work was stopped before it finished.',
    action: 'Start it again when you are ready.',
  },
  TIMEOUT: {
    sentence: 'No answer to {what} within {limitMs} ms.',
    action: 'Butterfly tries again by itself. If this stays, restart it.',
  },
  WIRE_MALFORMED: {
    sentence: 'A message could not be read ({reason}).',
    action: 'Reload the page. If it happens again, restart Butterfly.',
  },
  // Children
  CHILD_EXITED: {
    sentence: 'The {child} process stopped ({reason}).',
    action: 'Butterfly starts it again by itself.',
  },
  CHILD_UNRESPONSIVE: {
    sentence: 'The {child} process gave no sign of life for {silentMs} ms.',
    action: 'Butterfly starts it again by itself.',
  },
  CHILD_GAVE_UP: {
    sentence: 'The {child} process failed {failures} times in a row. The last time: {why}',
    action: 'Restart Butterfly. The last lines it printed are in the log.',
  },
  CHILD_MESSAGE_MALFORMED: {
    sentence: 'The {child} process sent a message that does not fit its contract ({detail}).',
    action: 'Restart Butterfly. If it happens again, reinstall it.',
  },
  PROGRAM_FILE_MISSING: {
    sentence: 'Butterfly’s own file {path} is missing: an antivirus may have removed it.',
    action:
      'Restore it there and exclude that folder, or install Butterfly again. From source: npm run build.',
  },
  PROGRAM_FILE_DAMAGED: {
    sentence:
      'Butterfly’s own file {path} is damaged: it is not what was installed. An antivirus, a full disk or a failing one may have changed it.',
    action:
      'Install Butterfly again; wallets and runs stay as they are. If it happens again, check the disk.',
  },
  PROGRAM_REPLACED: {
    sentence:
      'Butterfly was updated while it runs, and the new version cannot work for the one that still runs.',
    action: 'End Butterfly and start it again; its state is saved, and its runs go on.',
  },
  RUNTIME_MISSING: {
    sentence: 'The Node runtime for {platform} is not part of this installation.',
    action: 'Install Butterfly again.',
  },
  // Page
  PAGE_TOKEN_WRONG: {
    sentence: 'This page is not signed in to Butterfly.',
    action:
      'Open the address on the terminal where Butterfly runs, or the file open-butterfly.html in its data folder.',
  },
  PAGE_ORIGIN_FOREIGN: {
    sentence: 'A page from elsewhere tried to reach Butterfly and was refused.',
    action: 'Nothing to do. Close that page if you do not know it.',
  },
  RPC_MALFORMED: {
    sentence: 'The page asked for something that Butterfly does not offer ({method}).',
    action: 'Reload the page.',
  },
  NOT_NOW: {
    sentence: '{what} is not possible while the state is {state}.',
    action: 'Wait until it has changed, then try again.',
  },
} as const satisfies Record<string, CatalogueEntry>;
