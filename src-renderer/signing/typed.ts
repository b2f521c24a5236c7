/** What is pointed out of a password as it stands in its field; none of it is changed. */
export type PasswordNote = 'beginsBlank' | 'endsBlank' | 'lineBreak';

export function notesOn(password: string, pastedLineBreak: boolean): PasswordNote[] {
  const notes: PasswordNote[] = [];
  if (/^\s/u.test(password)) notes.push('beginsBlank');
  if (/\s$/u.test(password)) notes.push('endsBlank');
  // A field of this kind takes no line break: the browser has left it out by now.
  if (pastedLineBreak) notes.push('lineBreak');
  return notes;
}

export const hasLineBreak = (text: string): boolean => /[\r\n]/.test(text);

/** UTF-8 exactly as typed. Whoever sends it overwrites it afterwards. */
export const bytesOfText = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Words as they will be read: in small letters, with one blank between. */
export const wordsTyped = (text: string): string[] =>
  text.normalize('NFKD').trim().toLowerCase().split(/\s+/).filter(Boolean);

/** Whether this may be all of a backup: 12 to 24 words, a seed (64 digits of hex), or a private key (128). */
export function isWholeBackup(text: string): boolean {
  const words = wordsTyped(text);
  return (
    /^\s*(?:0x)?(?:[0-9a-f]{64}|[0-9a-f]{128})\s*$/i.test(text) ||
    (words.length >= 12 && words.length <= 24 && words.length % 3 === 0)
  );
}

const SS58 = /(?:^|[^1-9A-HJ-NP-Za-km-z])([1-9A-HJ-NP-Za-km-z]{47,48})(?:$|[^1-9A-HJ-NP-Za-km-z])/;

/** The address in the text of an argument, or null. */
export const addressIn = (value: string): string | null => SS58.exec(value)?.[1] ?? null;
