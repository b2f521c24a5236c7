import { type Publisher, startPublisher } from '../../src-main/publishing/publisher.ts';
import { type SharedPublish, sharePublish } from '../../src-main/publishing/shared-publish.ts';
import { defaultSettings } from '../../src-shared/settings.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { serveCalls } from '../net/calls.ts';
import { uploadTo } from './upload-rig.ts';

/** What of a host publishes, beside a member in its place: the real child, and the real word to it while a round averages. */
const SOMEBODY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;
const unheard = { notice: () => undefined, clearNotice: () => undefined };
let publish: SharedPublish | null = null;
let publisher: Publisher | null = null;
let uploading: { readonly ending: AbortController; readonly ended: Promise<void> } | null = null;

async function endUpload(): Promise<void> {
  uploading?.ending.abort();
  await uploading?.ended;
}

const calls = {
  async start(dataDir: string) {
    publish = sharePublish({
      ...{ dataDir, extraEnv: {}, log: () => undefined, notices: unheard },
      onGaveUp: (error) => {
        throw error;
      },
    });
    publisher = startPublisher({
      ...{ dataDir, extraEnv: {}, publish, notices: unheard, log: () => undefined },
      store: { add: () => undefined, uploads: async () => ({ newest: [], sentBytes: 0 }) },
      tokens: {
        reveal: async () => {
          throw new Error('nothing is ordered here');
        },
      },
      settings: () => defaultSettings,
      shown: () => undefined,
    });
  },

  upload(url: string, folder: string) {
    const ending = new AbortController();
    const ended = uploadTo(publish!, url, folder, ending.signal).catch((thrown: unknown) => {
      if (!ending.signal.aborted) throw thrown;
    });
    uploading = { ending, ended };
  },

  /** Whether one is still under way is for whoever asks to have made sure. */
  endUpload,

  setAveraging: (isAveraging: boolean) => publisher!.setAveraging(SOMEBODY, isAveraging),

  received: async (url: string) => ((await (await fetch(`${url}/bytes`)).json()) as { bytes: number }).bytes,

  async stop() {
    await endUpload();
    await publisher?.stop();
    await publish?.stop();
  },
};

export type PublisherCalls = typeof calls;

serveCalls(calls);
