import { findTestElectron } from '../../tools/build/test-electron.ts';
import { type Figure, unmeasured } from '../report/figures.ts';

/** What a window costs is measured in a real Electron alone, by the run that clicks through it. */
async function inElectron(name: string, unit: string, held: Partial<Figure>): Promise<Figure> {
  const why = findTestElectron()
    ? 'npm run e2e:electron starts this runtime; its times are not taken from there yet'
    : 'no Electron runtime is here: BUTTERFLY_ELECTRON_DIST names one, npm run fetch-electron fetches one for tests';
  return unmeasured(name, unit, why, held);
}

export const electronWindow = () => inElectron('electron-window-s', 's', { floor: 4, goal: 2 });
export const electronPractice = () => inElectron('electron-practice', '', { floor: 1 });
export const electronIdleCpu = () => inElectron('electron-idle-cpu', '% of a core', { floor: 12, goal: 6 });
