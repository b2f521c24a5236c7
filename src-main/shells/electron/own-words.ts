/** Options in front of the app whose value is a word of its own. */
const WITH_VALUE = new Set(['-r', '--require']);

/**
 * The words of Electron's command line that are meant for us. An app that is run from its folder stands behind
 * Electron's own options (`electron --inspect=0 FOLDER …`); an installed one is the program itself.
 */
export function ownWords(
  argv: readonly string[],
  { isPackaged }: { readonly isPackaged: boolean },
): string[] {
  if (isPackaged) return argv.slice(1);
  let at = 1;
  for (let word = argv[at]; word?.startsWith('-'); word = argv[at]) at += WITH_VALUE.has(word) ? 2 : 1;
  return argv.slice(at + 1);
}
