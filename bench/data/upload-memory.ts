import { readFile } from 'node:fs/promises';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { withUploadRig } from './upload-rig.ts';

const FILES = 5;
const FILE_BYTES = 1_000_000_000;
const NAME = 'upload-memory-mb';

/** The most memory that the process which publishes has while 5 GB go out, as the system counts it. */
export const uploadMemoryMb = async (): Promise<Figure> => {
  if (process.platform !== 'linux')
    return unmeasured(NAME, 'MB', 'the system counts the most memory on Linux alone');
  return withUploadRig(async (rig) => {
    const signal = AbortSignal.timeout(900_000);
    const folder = await rig.folderOf(FILES, FILE_BYTES);
    await rig.publish.client(signal);
    await rig.upload(folder, signal);
    const status = await readFile(`/proc/${rig.publish.pid}/status`, 'utf8');
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
    return figure(NAME, (Number(kibibytes) * 1024) / 1e6, 'MB', {
      ...{ floor: 500, goal: 200 },
      seen: `${((await rig.received()) / 1e9).toFixed(2)} GB came`,
    });
  });
};
