import { randomInt } from 'node:crypto';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { GoesOn } from './goes-on.ts';
import { startHostProcess } from './host-process.ts';
import { inFolder } from './in-folder.ts';
import { FIRST_COMMIT_MS, ROUND_MS, START_MS } from './limits.ts';
import { missingRows, moneyRows } from './money-rows.ts';
import { committedRound } from './picks.ts';
import type { HostTold } from './told.ts';

const FLIPS = 10;
/** So much is committed before, that there are blocks and rows to lose. */
const ROUNDS_BEFORE = 3;

/**
 * A practice whose chain journal has one bit flipped at a random place, ten times, each time started again.
 * @param trouble called when it begins
 */
export const journalFlip = (trouble: () => void, flips = FLIPS): Promise<GoesOn> =>
  inFolder('journal-flip', async (folder) => {
    let host = startHostProcess(folder);
    try {
      for (let n = 0; n < ROUNDS_BEFORE; n++)
        await host.first('a committed round', committedRound, n === 0 ? FIRST_COMMIT_MS : ROUND_MS);
      trouble();
      let told = 0;
      let lost = 0;
      for (let n = 0; n < flips; n++) {
        await host.stop();
        const before = moneyRows(folder);
        await flipOneBit(join(folder, 'practice', 'chain'));
        host = startHostProcess(folder);
        await host.first('the practice', ({ kind }) => kind === 'practising' || undefined, START_MS);
        const isTold = host.first('the notice', journalNotice, START_MS);
        if (await isTold.catch(() => false)) told++;
        lost += missingRows(before, moneyRows(folder)).length;
      }
      await host.first('a committed round after it', committedRound, FIRST_COMMIT_MS);
      const seen = `${flips} flips, told ${told} times, ${lost} money rows lost, ${moneyRows(folder).length} in the end`;
      return { goesOn: told === flips && lost === 0, seen };
    } finally {
      await host.stop();
    }
  });

const journalNotice = (told: HostTold): true | undefined =>
  (told.kind === 'notices' && told.codes.some((code) => code.startsWith('DEVNET_JOURNAL'))) || undefined;

async function flipOneBit(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^blocks-\d+\.(?:log|twin)$/.test(name));
  const path = join(folder, names[randomInt(names.length)] ?? '');
  const at = randomInt((await stat(path)).size);
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ (1 << randomInt(8));
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}
