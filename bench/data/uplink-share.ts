import { setTimeout as sleep } from 'node:timers/promises';
import { HELD_BYTES_PER_SECOND } from '../../src-main/publishing/limits.ts';
import { type Figure, figure } from '../report/figures.ts';
import { withUploadRig } from './upload-rig.ts';

const FILE_BYTES = 2_000_000_000;
const RATE = 20_000_000;
const SPAN_MS = 5_000;
/** What is in the sockets when the word comes has left already. */
const SETTLE_MS = 500;

/** How much of its uplink publishing takes while a round averages: bytes that come then, to those that came before. */
export const publishUplinkShare = (): Promise<Figure> =>
  withUploadRig(async (rig) => {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, AbortSignal.timeout(600_000)]);
    const folder = await rig.folderOf(1, FILE_BYTES);
    const client = await rig.publish.client(signal);
    await client.call('store.pace', { bytesPerSecond: RATE }, signal);
    const work = rig.upload(folder, signal).catch(() => undefined);
    while ((await rig.received()) === 0) await sleep(50);
    const came = async () => {
      const before = await rig.received();
      await sleep(SPAN_MS);
      return (await rig.received()) - before;
    };
    const paced = await came();
    await client.call('store.pace', { bytesPerSecond: HELD_BYTES_PER_SECOND }, signal);
    await sleep(SETTLE_MS);
    const held = await came();
    ending.abort();
    await work;
    const asked = (RATE * SPAN_MS) / 1_000;
    return figure('publish-uplink-share', held / paced, 'share', {
      seen: `${held} bytes in ${SPAN_MS / 1000} s while held; before, ${((100 * paced) / asked).toFixed(1)} % of the rate that was set`,
    });
  });
