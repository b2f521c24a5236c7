import { randomUUID } from 'node:crypto';
import { listeners } from '../../src-node/listeners.ts';
import type { MoveOrder, MoveTask } from '../../src-shared/contract/signing.ts';
import { AppError, toCodedError } from '../../src-shared/errors/app-error.ts';
import { isLongEnough, PASSWORD_CHARS_MIN } from '../../src-shared/password.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { placeOf } from '../data-folder.ts';
import type { Cargo } from './cargo.ts';
import { contentsOf } from './contents.ts';
import { gather } from './gather.ts';
import {
  type Answer,
  conflictsOf,
  type Destination,
  moveInAtNextStart,
  openMoveFile,
  readMoveFile,
} from './move-in.ts';
import { demandFree, moveOut } from './move-out.ts';

/** Moving house on the page: one move at a time, with a person at the signing window. */
export interface MoveDesk {
  readonly task: MoveTask | null;
  onChange(listener: () => void): () => void;
  /**
   * Looks at what would move, or at the file that comes.
   * @returns the id of the task
   * @throws {AppError} NOT_NOW while one works, MOVE_COLDKEYS_APP_ONLY, MOVE_ORDERS_OPEN, or as `demandFree`, `gather` and
   * `readMoveFile`
   */
  begin(order: MoveOrder): Promise<string>;
  /** @throws {AppError} MOVE_TASK_GONE, NOT_NOW, PASSWORD_TOO_SHORT, or as `moveOut` and `openMoveFile` */
  givePassword(id: string, password: Uint8Array, signal: AbortSignal): Promise<void>;
  /** @throws {AppError} MOVE_TASK_GONE, NOT_NOW, MOVE_ORDERS_OPEN, or as `moveInAtNextStart` */
  confirm(id: string, conflicting: Answer): Promise<void>;
  leave(id: string): void;
}

export interface MoveDeskOptions {
  readonly dataDir: string;
  /** Whether the window of the password is a browser's. */
  readonly isBrowser: boolean;
  /** Whether Butterfly starts again by itself. */
  readonly restarts: boolean;
  walletsRoot(): string;
  /** @throws {AppError} MOVE_ORDERS_OPEN where the fate of an order is open, MOVE_WHILE_SIGNING */
  demandSettled(): Promise<void>;
  /**
   * Ends the runs of these hotkeys.
   * @returns those that were at work
   */
  endRuns(hotkeys: readonly Ss58[]): Promise<readonly Ss58[]>;
  /** Begins again what was ended for nothing. */
  beginAgain(ran: readonly Ss58[]): void;
  /** Hotkeys were given up. */
  onMovedAway(): Promise<void>;
  /** All is laid: the host ends, and the next start has it in place. */
  end(): void;
}

/** What is known of a task beside what the window shows. */
interface Open {
  task: MoveTask;
  readonly order: MoveOrder;
  /** Of a file that comes: as it lies there, and what is in it once it is open. */
  readonly sealed: Uint8Array | null;
  cargo: Cargo | null;
}

export function openMoveDesk(options: MoveDeskOptions): MoveDesk {
  const { dataDir, isBrowser, restarts } = options;
  const events = listeners<{ change: undefined }>();
  let open: Open | null = null;

  function show(mine: Open, changed: Partial<MoveTask>): void {
    mine.task = { ...mine.task, ...changed };
    if (open === mine) events.emit('change', undefined);
  }

  /** @throws {AppError} NOT_NOW */
  function demandIdle(): void {
    if (open?.task.step === 'working')
      throw new AppError('NOT_NOW', { what: 'Another move', state: 'working' });
  }

  /** @throws {AppError} MOVE_TASK_GONE, NOT_NOW */
  function waiting(id: string, step: MoveTask['step']): Open {
    if (open?.task.id !== id) throw new AppError('MOVE_TASK_GONE');
    if (open.task.step !== step) throw new AppError('NOT_NOW', { what: 'This', state: open.task.step });
    return open;
  }

  /** The task works meanwhile; where that fails it waits again as before, and says why. */
  async function working(mine: Open, stage: MoveTask['stage'], work: () => Promise<void>): Promise<void> {
    const before = mine.task.step;
    show(mine, { step: 'working', stage, problem: null });
    try {
      await work();
    } catch (thrown) {
      const problem = toCodedError(thrown);
      // What was stopped by the person is no problem to tell.
      show(mine, { step: before, stage: null, problem: problem.code === 'CANCELLED' ? null : problem });
      throw thrown;
    }
  }

  const destination = (): Destination => ({ dataDir, walletsRoot: options.walletsRoot() });

  async function begun(order: MoveOrder, file: string): Promise<Pick<Open, 'sealed'> & Partial<MoveTask>> {
    if (order.kind === 'in') return { sealed: await readMoveFile(file) };
    if (order.withColdkeys && isBrowser) throw new AppError('MOVE_COLDKEYS_APP_ONLY');
    await demandFree(file);
    const gathered = await gather(dataDir, order.withColdkeys);
    return { sealed: null, parts: contentsOf(gathered), hotkeys: gathered.hotkeys };
  }

  async function makeFile(mine: Open, password: Uint8Array, signal: AbortSignal): Promise<void> {
    const { order, task } = mine;
    if (order.kind !== 'out') return;
    if (!isLongEnough(password)) throw new AppError('PASSWORD_TOO_SHORT', { least: PASSWORD_CHARS_MIN });
    await options.demandSettled();
    const ran = await options.endRuns(task.hotkeys);
    let isGivenUp = false;
    try {
      show(mine, { stage: 'sealing' });
      const hotkeys = await moveOut(
        {
          ...{ dataDir, file: task.file, withColdkeys: order.withColdkeys, password, nowMs: Date.now() },
          ran: new Set(ran),
          async endAll(given) {
            isGivenUp = true;
            await options.onMovedAway();
            await options.endRuns(given);
          },
        },
        signal,
      );
      show(mine, { step: 'done', stage: null, hotkeys });
    } catch (thrown) {
      if (!isGivenUp) options.beginAgain(ran);
      throw thrown;
    }
  }

  async function openFile(mine: Open, password: Uint8Array, signal: AbortSignal): Promise<void> {
    const { task, sealed } = mine;
    if (!sealed) return;
    const cargo = await openMoveFile(task.file, sealed, password, signal);
    const conflicts = await conflictsOf(cargo, destination());
    mine.cargo = cargo;
    const made = { atMs: cargo.madeAtMs, by: cargo.madeBy };
    const { hotkeys } = cargo;
    show(mine, { step: 'confirm', stage: null, made, parts: contentsOf(cargo), hotkeys, conflicts });
  }

  return {
    get task() {
      return open?.task ?? null;
    },
    onChange: (listener) => events.on('change', listener),
    async begin(order) {
      demandIdle();
      await options.demandSettled();
      const file = placeOf(order.file);
      const { sealed, ...known } = await begun(order, file);
      // A password may have been given while the disk was asked.
      demandIdle();
      const rest = { stage: null, made: null, parts: null, conflicts: [], given: [], problem: null };
      const task: MoveTask = {
        ...{ id: randomUUID(), kind: order.kind, file, step: 'secret', restarts, hotkeys: [] },
        ...{ ...rest, ...known },
      };
      open = { task, order, sealed, cargo: null };
      events.emit('change', undefined);
      return task.id;
    },
    async givePassword(id, password, signal) {
      const mine = waiting(id, 'secret');
      const stage = mine.order.kind === 'out' ? 'ending-runs' : 'opening';
      await working(mine, stage, () =>
        mine.order.kind === 'out' ? makeFile(mine, password, signal) : openFile(mine, password, signal),
      );
    },
    async confirm(id, conflicting) {
      const mine = waiting(id, 'confirm');
      const { cargo } = mine;
      if (!cargo) throw new AppError('MOVE_TASK_GONE');
      await working(mine, 'laying', async () => {
        // A ledger that gives way would take orders out of sight.
        await options.demandSettled();
        const given = await moveInAtNextStart(cargo, destination(), conflicting);
        mine.cargo = null;
        show(mine, { step: 'done', stage: null, given });
        options.end();
      });
    },
    leave(id) {
      if (open?.task.id !== id) throw new AppError('MOVE_TASK_GONE');
      demandIdle();
      open = null;
      events.emit('change', undefined);
    },
  };
}
