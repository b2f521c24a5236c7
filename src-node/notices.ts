import type { CodedError } from '../src-shared/errors/app-error.ts';
import type { ErrorCode } from '../src-shared/errors/catalogue.ts';

/** How a service tells a person of what it goes on with: a damaged file set aside, a full disk. */
export interface Notices {
  notice(error: CodedError): void;
  /** Takes back what was told under that code. */
  clearNotice(code: ErrorCode): void;
}

/** What a child's supervisor hears, as a service would have said it. */
export const noticeOfChild =
  ({ notice, clearNotice }: Notices) =>
  (error: CodedError, cleared: boolean): void =>
    cleared ? clearNotice(error.code) : notice(error);
