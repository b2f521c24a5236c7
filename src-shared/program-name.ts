/** How this program is called at a terminal: from its sources, or installed. Advice speaks the words that can be typed. */
export const programNames = ['npm start --', 'butterfly'] as const;
export type ProgramName = (typeof programNames)[number];

let called: ProgramName = 'npm start --';

/** Said once by each process and page, before it gives advice: by an entry, or by what its host told. */
export function callProgram(name: ProgramName): void {
  called = name;
}

export const programCalled = (): ProgramName => called;

/** What starts it without any option. */
export const startCalled = (): string => called.replace(/ --$/, '');

/** A text with `{program}` in front of a command and `{start}` for none, in the words of this call. */
export const inOwnWords = (text: string): string =>
  text.replaceAll('{program}', called).replaceAll('{start}', startCalled());
