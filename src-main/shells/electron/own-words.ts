/** Options in front of the app whose value is a word of its own. */
const WITH_VALUE = new Set(['-r', '--require']);

/** Said by the system's login item: the window waits in the tray. */
export const IN_TRAY = '--in-tray';
/** Tries the parts of an installed app, and says how they are. */
export const SELF_TEST = '--self-test';
const SHELLS_OWN: ReadonlySet<string> = new Set([IN_TRAY, SELF_TEST]);

/**
 * The words of Electron's command line that are meant for us. An app that is run from its folder stands behind
 * Electron's own options (`electron --inspect=0 FOLDER …`); an installed one is the program itself.
 */
export function ownWords(
  argv: readonly string[],
  { isPackaged }: { readonly isPackaged: boolean },
): string[] {
  return behindTheApp(argv, isPackaged).filter((word) => !SHELLS_OWN.has(word));
}

function behindTheApp(argv: readonly string[], isPackaged: boolean): string[] {
  if (isPackaged) return argv.slice(1);
  let at = 1;
  for (let word = argv[at]; word?.startsWith('-'); word = argv[at]) at += WITH_VALUE.has(word) ? 2 : 1;
  return argv.slice(at + 1);
}
