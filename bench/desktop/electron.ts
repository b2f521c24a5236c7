import { setTimeout as sleep } from 'node:timers/promises';
import type { ElectronApplication, Page } from 'playwright-core';
import { askStatus } from '../../src-main/shells/control/ask-host.ts';
import { type StagedElectron, stageElectron } from '../../test/e2e/electron/real-electron.ts';
import { ELECTRON_MISSING, findTestElectron } from '../../tools/build/test-electron.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { hidePages, processorShares } from './electron-processes.ts';
import { ASK_EVERY_MS, ROUNDS_MS, WINDOW_MS } from './limits.ts';
import { median } from './median.ts';

/** The first start is cold, and not counted. */
const STARTS = 4;
const ROUNDS = 5;
const SECONDS = 60;

type Held = Partial<Pick<Figure, 'floor' | 'goal'>>;
type Measured = Pick<Figure, 'seen'> & { readonly value: number };

/** What a window costs is measured in a real Electron alone, on a display that nobody sees. */
async function inElectron(
  name: string,
  unit: string,
  held: Held,
  measure: (staged: StagedElectron) => Promise<Measured>,
): Promise<Figure> {
  const electron = findTestElectron();
  if (!electron) return unmeasured(name, unit, ELECTRON_MISSING, held);
  const staged = await stageElectron(electron);
  try {
    const { value, seen } = await measure(staged);
    return figure(name, value, unit, { ...held, seen });
  } finally {
    await staged.remove();
  }
}

const practiceOn = (page: Page) => page.getByRole('button', { name: 'Practice', exact: true });

/** From the birth of Electron's process to a page with its button: the median of warm starts. */
export const electronWindow = () =>
  inElectron('electron-window-s', 's', { floor: 4, goal: 2 }, async (staged) => {
    const seconds: number[] = [];
    for (let at = 0; at < STARTS; at++) seconds.push(await startSeconds(staged));
    const warm = seconds.slice(1);
    const all = warm.map((one) => one.toFixed(2)).join(', ');
    return { value: median(warm), seen: `cold ${seconds[0]?.toFixed(2)} s, warm ${all} s` };
  });

async function startSeconds(staged: StagedElectron): Promise<number> {
  await using app = await staged.launch();
  const page = await app.firstWindow();
  await practiceOn(page).waitFor({ timeout: WINDOW_MS });
  const usableMs = Date.now();
  // The display is made anew for each start, before this.
  const bornMs = await app.evaluate(() =>
    (process as unknown as { getCreationTime(): number | null }).getCreationTime(),
  );
  if (bornMs === null) throw new Error('Electron does not know when it began');
  return (usableMs - bornMs) / 1e3;
}

/** 1 where a practice in it commits that many rounds. */
export const electronPractice = () =>
  inElectron('electron-practice', '', { floor: 1 }, async (staged) => {
    await using app = await staged.launch();
    const began = performance.now();
    await startPractice(app);
    const committed = await committedWithin(staged.data, ROUNDS, ROUNDS_MS);
    const seconds = ((performance.now() - began) / 1e3).toFixed(0);
    return { value: Number(committed >= ROUNDS), seen: `${committed} rounds committed in ${seconds} s` };
  });

async function startPractice(app: ElectronApplication): Promise<void> {
  const page = await app.firstWindow();
  await practiceOn(page).click({ timeout: WINDOW_MS });
  await page
    .getByText(/tokens\/s/)
    .first()
    .waitFor({ timeout: WINDOW_MS });
}

async function committedWithin(dataDir: string, wanted: number, limitMs: number): Promise<number> {
  const until = performance.now() + limitMs;
  for (;;) {
    const { runs } = await askStatus(dataDir);
    const committed = runs[0]?.committed ?? 0;
    if (committed >= wanted || performance.now() > until) return committed;
    await sleep(ASK_EVERY_MS);
  }
}

/** Main (host included), renderer and GPU process beside a practice whose window is hidden, second by second. */
export const electronIdleCpu = () =>
  inElectron('electron-idle-cpu', '% of a core', { floor: 12, goal: 6 }, async (staged) => {
    await using app = await staged.launch();
    await startPractice(app);
    await hidePages(app);
    const whole: number[] = [];
    const drawing: number[] = [];
    for await (const { main, renderer, gpu } of processorShares(app, SECONDS)) {
      whole.push(main + renderer + gpu);
      drawing.push(renderer + gpu);
    }
    const apart = `renderer and GPU process alone ${median(drawing).toFixed(2)} (floor 1, goal 0.2)`;
    // Whoever looks into a page may keep it from noticing that nobody sees it: then it draws, and this is too much.
    const isHidden = await (await app.firstWindow()).evaluate('document.hidden');
    const bound = isHidden ? '' : '; an upper bound, for the page was held visible by who looks into it';
    return { value: median(whole), seen: `${SECONDS} s; ${apart}${bound}` };
  });
