import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type {
  FromTextThread,
  TextThreadStart,
  ToTextThread,
} from '../../../../src-worker/train/pages/text-messages.ts';

/** A thread of text that dies of pages: of page 1 once, of page 2 always. */
const { folder } = workerData as TextThreadStart;
const say = (message: FromTextThread): void => parentPort?.postMessage(message);
const marker = join(folder, 'died-once');

parentPort?.on('message', (asked: ToTextThread) => {
  if (asked.kind !== 'page') return;
  const dies = asked.index === 2 || (asked.index === 1 && !existsSync(marker));
  if (dies) {
    writeFileSync(marker, '');
    process.exit(1);
  }
  const tokens = new Uint16Array([asked.index]);
  say({ kind: 'answer', id: asked.id, value: { index: asked.index, sequences: 0, tokens, sha256: '' } });
});
say({ kind: 'ready', heldOut: new Uint16Array(0) });
