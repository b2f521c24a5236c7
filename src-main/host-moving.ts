import { join } from 'node:path';
import { RESET_WORD } from '../src-shared/contract/page/updates.ts';
import { AppError, toCodedError } from '../src-shared/errors/app-error.ts';
import { askReset, readMovedAway } from './data-folder.ts';
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
