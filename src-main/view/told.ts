import type { Notices } from '../../src-node/notices.ts';
import type { Notice } from '../../src-shared/contract/page/app.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { ViewKeeper } from './view-keeper.ts';

/** What a person is told, on the page and in the log; one notice of each code. */
export interface Told extends Notices {
  note(level: Notice['level'], error: CodedError): void;
  /** A failure that nobody expected, with its stack in the log. */
  problem(problem: unknown): void;
  dismiss(id: string): void;
}

export function tellPeople(keeper: ViewKeeper, log: (line: string) => void): Told {
  let last = 0;

  function note(level: Notice['level'], { code, params }: CodedError): void {
    log(`${level}: ${new AppError(code, params).message}`);
    const others = keeper.view.notices.filter((one) => one.error.code !== code);
    const notice = { id: `${code}-${++last}`, level, error: { code, params }, atMs: Date.now() };
    keeper.update({ notices: [...others, notice] });
  }

  return {
    note,
    notice: (error) => note('attention', error),
    clearNotice: (code) =>
      keeper.update({ notices: keeper.view.notices.filter((one) => one.error.code !== code) }),
    problem(problem) {
      log(String(problem instanceof AppError ? problem.message : (problem as Error)?.stack));
      note('fault', toCodedError(problem));
    },
    dismiss: (id) => keeper.update({ notices: keeper.view.notices.filter((one) => one.id !== id) }),
  };
}
