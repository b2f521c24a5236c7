import { setTimeout as sleep } from 'node:timers/promises';
import type { ElectronApplication, Page } from 'playwright-core';
import { askStatus } from '../../src-main/shells/control/ask-host.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import { type StagedElectron, stageElectron } from '../../test/e2e/electron/real-electron.ts';
import { ELECTRON_MISSING, findTestElectron } from '../../tools/build/test-electron.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import { ownProcesses, processorShares } from './electron-processes.ts';
import { ASK_EVERY_MS, COUNT_EVERY_MS, IN_TRAY_MS, LEFT_MS, ROUNDS_MS, WINDOW_MS } from './limits.ts';

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
    // One that only starts answers nobody yet.
    const committed = (await askStatus(dataDir).catch(() => null))?.runs[0]?.committed ?? 0;
    if (committed >= wanted || performance.now() > until) return committed;
    await sleep(ASK_EVERY_MS);
  }
}

/**
 * Main (host included), renderer and GPU process while a practice runs behind a window that nobody sees, second by
 * second. The practice is begun in a window; then the app starts in the tray and goes on with it, and nothing looks into
 * the page, which would hold it visible.
 */
export const electronIdleCpu = () =>
  inElectron('electron-idle-cpu', '% of a core', { floor: 12, goal: 6 }, async (staged) => {
    await beginPractice(staged);
    const ended = staged.run(['--in-tray'], IN_TRAY_MS);
    try {
      await committedWithin(staged.data, 1 + (await committedWithin(staged.data, 1, ROUNDS_MS)), ROUNDS_MS);
      const whole: number[] = [];
      const drawing: number[] = [];
      for await (const { main, renderer, gpu } of processorShares(
        ownProcesses(staged.processes()),
        SECONDS,
      )) {
        whole.push(main + renderer + gpu);
        drawing.push(renderer + gpu);
      }
      const apart = `renderer and GPU process alone ${median(drawing).toFixed(2)} (floor 1, goal 0.2)`;
      return { value: median(whole), seen: `${SECONDS} s; ${apart}` };
    } finally {
      for (const pid of ownProcesses(staged.processes()).main) process.kill(pid, 'SIGTERM');
      await ended;
      // Children write their state for a moment longer.
      const untilMs = performance.now() + LEFT_MS;
      while (staged.processes().length > 0 && performance.now() < untilMs) await sleep(COUNT_EVERY_MS);
    }
  });

/** A practice of one committed round, left for another start to go on with. */
async function beginPractice(staged: StagedElectron): Promise<void> {
  await using app = await staged.launch();
  await startPractice(app);
  await committedWithin(staged.data, 1, ROUNDS_MS);
}
