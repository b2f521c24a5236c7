import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { Notices } from '../../src-node/notices.ts';
import type { Notice } from '../../src-shared/contract/page/app.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import type { ViewKeeper } from './view-keeper.ts';

/** What a person is told, on the page and in the log; one notice of each code for the host, and for each run. */
export interface Told extends Notices, Pick<Listeners<{ noted: Notice }>, 'on'> {
  /** @param run whom it is about; null: this host */
  note(level: Notice['level'], error: CodedError, run: Ss58 | null): void;
  /** What a run tells, kept apart from what the host and the other runs do. */
  of(run: Ss58): Notices;
  /** A failure that nobody expected, with its stack in the log. */
  problem(problem: unknown, run?: Ss58): void;
  dismiss(id: string): void;
}

export function tellPeople(keeper: ViewKeeper, log: (line: string) => void): Told {
  const events = listeners<{ noted: Notice }>();
  let last = 0;

  const without = (code: CodedError['code'], run: Ss58 | null): readonly Notice[] =>
    keeper.view.notices.filter((one) => one.error.code !== code || one.run !== run);

  function note(level: Notice['level'], { code, params }: CodedError, run: Ss58 | null): void {
    log(`${run ? `${run.slice(0, 8)} ` : ''}${level}: ${new AppError(code, params).message}`);
    const notice = { id: `${code}-${++last}`, level, error: { code, params }, atMs: Date.now(), run };
    keeper.update({ notices: [...without(code, run), notice] });
    events.emit('noted', notice);
  }

  const noticesOf = (run: Ss58 | null): Notices => ({
    notice: (error) => note('attention', error, run),
    clearNotice: (code) => keeper.update({ notices: without(code, run) }),
  });

  return {
    ...noticesOf(null),
    of: noticesOf,
    on: events.on,
    note,
    problem(problem, run) {
      log(String(problem instanceof AppError ? problem.message : (problem as Error)?.stack));
      note('fault', toCodedError(problem), run ?? null);
    },
    dismiss: (id) => keeper.update({ notices: keeper.view.notices.filter((one) => one.id !== id) }),
  };
}
