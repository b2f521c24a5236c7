import { stat } from 'node:fs/promises';

/** Whether a file or folder has this path, links followed. False too where that cannot be seen, for want of a right. */
export const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
