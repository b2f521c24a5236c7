import type { ProgramName } from '../../src-shared/program-name.ts';

/** Set by `bin/butterfly.mjs`, which installed packages come with. */
const CALLED_AS = 'BUTTERFLY_CALLED_AS';

/** How this program was called, by its environment: anything but our own name counts as the sources. */
export const programOf = (env: NodeJS.ProcessEnv): ProgramName =>
  env[CALLED_AS] === 'butterfly' ? 'butterfly' : 'npm start --';
