/**
 * What a person reads at the terminal: sentences. Not `console`: while a host runs that goes to its log, together with
 * whatever libraries print there.
 */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** The same for what went wrong. */
export const printError = (line: string): void => void process.stderr.write(`${line}\n`);
