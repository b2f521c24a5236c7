/**
 * A stranger's text in one line: without what moves a cursor, changes the direction of reading or cannot be seen, all of
 * which a terminal would obey.
 * @param most characters that are left of a longer one
 */
export function oneLine(text: string, most = Number.POSITIVE_INFINITY): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  return cut.replaceAll(/[\s\p{C}]+/gu, ' ').trim();
}

/** The same between quotation marks, as a name in a sentence. */
export const quotedName = (name: string): string => JSON.stringify(oneLine(name, 80));
