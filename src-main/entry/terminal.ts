import { plainText } from '../../src-shared/plain-text.ts';

/**
 * What a person reads at the terminal: sentences. Not `console`: while a host runs that goes to its log, together with
 * whatever libraries print there. Names and texts of strangers may be in it, so nothing in it is obeyed by the terminal.
 */
export const print = (line: string): void => void process.stdout.write(plainText(`${line}\n`));

/** The same for what went wrong. */
export const printError = (line: string): void => void process.stderr.write(plainText(`${line}\n`));

/** Takes away what stands on the terminal's line. */
export const CLEARED_LINE = '\r\x1b[K';
