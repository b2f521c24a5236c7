import { join } from 'node:path';
import { type Figure, figure } from '../report/figures.ts';
import { withUploadRig } from './upload-rig.ts';

const FILES = 2;
const FILE_BYTES = 512 * 1024 * 1024;
const ROUNDS = 3;

/**
 * How fast a state goes to the Hub, as a share of plain requests of the same bytes from the same disk to the same server:
 * digests, commit and everything else included. The better of several turns of each, which alternate.
 */
export const uploadVsRawHttp = (): Promise<Figure> =>
  withUploadRig(async (rig) => {
    const signal = AbortSignal.timeout(600_000);
    await rig.publish.client(signal);
    let [upload, raw] = [0, 0];
    const megabytes = (FILES * FILE_BYTES) / 1e6;
    for (let round = 0; round < ROUNDS; round++) {
      const folder = await rig.folderOf(FILES, FILE_BYTES);
      raw = Math.max(
        raw,
        await perSecond(megabytes, async () => {
          for (let i = 0; i < FILES; i++) await rig.putPlainly(join(folder, `model-${i}.safetensors`));
        }),
      );
      upload = Math.max(upload, await perSecond(megabytes, () => rig.upload(folder, signal)));
    }
    return figure('upload-vs-raw-http', upload / raw, 'share', {
      ...{ floor: 0.4, goal: 0.6 },
      seen: `${upload.toFixed(0)} MB/s against ${raw.toFixed(0)} MB/s, ${megabytes.toFixed(0)} MB each`,
    });
  });

async function perSecond(megabytes: number, work: () => Promise<void>): Promise<number> {
  const beganMs = performance.now();
  await work();
  return (1000 * megabytes) / (performance.now() - beganMs);
}
