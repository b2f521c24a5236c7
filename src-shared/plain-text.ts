/** Escape sequences of terminals (ECMA-48): those with parameters, those that run to an end mark, and short ones. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are taken out
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g;
/** Control characters but tab, line feed and a return before one, and those that turn the direction of reading or cannot be seen. */
const UNSEEN = /(?!\t|\r?\n)[\p{Cc}\p{Cf}]/gu;

/**
 * A text of some lines as a terminal may be given it: whatever a program, a peer or a file says, nothing in it moves a
 * cursor, colours, names the window or hides a part of it.
 */
export const plainText = (text: string): string => text.replace(ESCAPES, '').replace(UNSEEN, '');
