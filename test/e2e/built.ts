import { build } from '../../tools/tasks/build.ts';

/** Before the first file: what these tests start and open is built from the sources as they are, also for one alone. */
export const setup = (): Promise<void> => build();
