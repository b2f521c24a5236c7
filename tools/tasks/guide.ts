import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../build/stamp.ts';

/**
 * `npm run guide`: the pictures of docs/GUIDE.md, taken anew from those that `npm run e2e` made of a real practice.
 * By their names in the guide; what they are called as screens stands beside.
 */
const pictures: Readonly<Record<string, string>> = {
  setup: 'real-setup-light-1280',
  training: 'real-training-light-1280',
  wallet: 'real-wallet-light-1280',
  staking: 'real-staking-light-1280',
  earnings: 'real-earnings-light-1280',
  card: 'real-card-light-1280',
  settings: 'real-settings-light-1280',
  logs: 'real-logs-light-1280',
};

const screens = join(ROOT, 'test-results', 'screens');
const folder = join(ROOT, 'docs', 'guide');
const missing = Object.values(pictures).filter((name) => !existsSync(join(screens, `${name}.png`)));
if (missing.length > 0) {
  console.error(`No pictures are here of ${missing.join(', ')}. Take them first: npm run e2e`);
  process.exitCode = 1;
} else {
  mkdirSync(folder, { recursive: true });
  for (const [name, screen] of Object.entries(pictures))
    copyFileSync(join(screens, `${screen}.png`), join(folder, `${name}.png`));
  console.log(`${Object.keys(pictures).length} pictures of the guide are new.`);
}
