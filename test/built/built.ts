import { fileURLToPath } from 'node:url';
import { build } from '../../tools/tasks/build.ts';

/** Before the first test of a run: what tests start is built from the sources as they are. */
export const setup = (): Promise<void> => build(['kernels', 'corpus', 'processes']);

/** Part of a project in which processes and threads are started as they were built. */
export const builtEntries = {
  find: /^(?:\.\.?\/)+(?:src-main\/)?entry-path\.ts$/,
  replacement: fileURLToPath(new URL('./entry-path.ts', import.meta.url)),
};
export const builtPrograms = fileURLToPath(import.meta.url);
