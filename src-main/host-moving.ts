import { join } from 'node:path';
import { RESET_WORD, TAKE_BACK_WORD } from '../src-shared/contract/page/updates.ts';
import { AppError, toCodedError } from '../src-shared/errors/app-error.ts';
import type { Ss58 } from '../src-shared/units.ts';
import { askReset, readMovedAway, takeBack } from './data-folder.ts';
import { walletsRoot } from './host-wallets.ts';
import { type MoveDesk, openMoveDesk } from './moving/move-desk.ts';
import type { Runs } from './runs/runs.ts';
import type { Settings } from './settings/settings-file.ts';
import type { Store } from './store/store.ts';
import { TERMINAL_FOLDER } from './store/terminal-folder.ts';
import type { Told } from './view/told.ts';
import type { ViewKeeper } from './view/view-keeper.ts';

/** Which hotkeys were moved to another computer: their runs are refused, and the page says so. */
export async function showMovedAway(
  dataDir: string,
  keeper: Pick<ViewKeeper, 'update'>,
  told: Pick<Told, 'notice'>,
): Promise<void> {
  try {
    keeper.update({ movedAway: await readMovedAway(dataDir) });
  } catch (thrown) {
    told.notice(toCodedError(thrown));
  }
}

/** How many orders this host or a terminal signed whose fate is open: they must stay in sight. */
export const openOrders =
  (store: Pick<Store, 'transactions' | 'openElsewhere'>, dataDir: string) => async (): Promise<number> => {
    const own = await store.transactions.list(1);
    const elsewhere = await store.openElsewhere(join(dataDir, TERMINAL_FOLDER));
    return [...own, ...elsewhere].filter(({ isOpen }) => isOpen).length;
  };

/**
 * Has the next start begin anew.
 * @param reset.typed what the person typed as consent
 * @throws {AppError} RESET_NOT_TYPED, RESET_WHILE_SIGNING, MOVE_ORDERS_OPEN, or of the disk
 */
export async function resetAtNextStart(reset: {
  readonly dataDir: string;
  readonly typed: string;
  /** Whether something waits in the signing window: an order of it may be signed while this host ends. */
  isSigning(): boolean;
  open(): Promise<number>;
}): Promise<void> {
  if (reset.typed.trim().toLowerCase() !== RESET_WORD) throw new AppError('RESET_NOT_TYPED');
  if (reset.isSigning()) throw new AppError('RESET_WHILE_SIGNING');
  const count = await reset.open();
  if (count > 0) throw new AppError('MOVE_ORDERS_OPEN', { count });
  await askReset(reset.dataDir, Date.now());
}

export interface MovingOf {
  readonly dataDir: string;
  readonly shell: 'web' | 'electron';
  readonly settings: Pick<Settings, 'values'>;
  readonly runs: Pick<Runs, 'live' | 'end' | 'startAgain'>;
  readonly keeper: Pick<ViewKeeper, 'update'>;
  readonly told: Pick<Told, 'notice' | 'problem'>;
  /** Whether an order waits for a yes. */
  isSigning(): boolean;
  /** How many orders are signed whose fate is open. */
  open(): Promise<number>;
  /** Ends the host and starts it again; null: its user does. */
  readonly askToRestart: (() => void) | null;
  askToEnd(): void;
}

/** Moving house with this host at work: its runs are ended for it, and what comes is in place at its next start. */
export function openMoving(host: MovingOf): MoveDesk {
  const { dataDir, runs, told } = host;
  return openMoveDesk({
    ...{ dataDir, isBrowser: host.shell === 'web', restarts: host.askToRestart !== null },
    walletsRoot: () => walletsRoot(host.settings.values),
    async demandSettled() {
      if (host.isSigning()) throw new AppError('MOVE_WHILE_SIGNING');
      const count = await host.open();
      if (count > 0) throw new AppError('MOVE_ORDERS_OPEN', { count });
    },
    async endRuns(hotkeys) {
      const atWork = hotkeys.filter((hotkey) => runs.live.has(hotkey));
      await Promise.all(atWork.map((hotkey) => runs.end(hotkey, 'now')));
      return atWork;
    },
    beginAgain: (ran) => {
      for (const hotkey of ran) runs.startAgain(hotkey).catch(told.problem);
    },
    onMovedAway: () => showMovedAway(dataDir, host.keeper, told),
    end: host.askToRestart ?? host.askToEnd,
  });
}

/**
 * Works again with all hotkeys that were moved away.
 * @param typed what the person typed as consent
 * @throws {AppError} TAKE_BACK_NOT_TYPED, MOVED_AWAY_UNREADABLE, or of the disk
 */
export async function takeBackMoved(
  dataDir: string,
  typed: string,
  { keeper, told }: Pick<MovingOf, 'keeper' | 'told'>,
): Promise<void> {
  if (typed.trim().toLowerCase() !== TAKE_BACK_WORD) throw new AppError('TAKE_BACK_NOT_TYPED');
  const hotkeys: readonly Ss58[] = (await readMovedAway(dataDir))?.hotkeys ?? [];
  await takeBack(dataDir, hotkeys);
  await showMovedAway(dataDir, keeper, told);
}
