/** How this program was called: help and advice speak the words that its user can type again. */
const FROM_SOURCES = 'npm start --';
const INSTALLED = 'butterfly';

/** Set by `bin/butterfly.mjs` and by installed packages. */
export const CALLED_AS = 'BUTTERFLY_CALLED_AS';

export const programName = (env: NodeJS.ProcessEnv = process.env): string =>
  env[CALLED_AS] === INSTALLED ? INSTALLED : FROM_SOURCES;

/** A sentence of the catalogue, whose advice is written for the sources, in the words of this call. */
export const inWordsOf = (program: string, text: string): string =>
  program === FROM_SOURCES ? text : text.replace(/npm start(?: --)?(?! --)/g, program);
