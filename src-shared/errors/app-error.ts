import { inOwnWords } from '../program-name.ts';
import { type CatalogueEntry, type ErrorCode, errorCatalogue } from './catalogue.ts';

export type ErrorParams = Readonly<Record<string, string | number | bigint>>;

/** What crosses a process border or reaches the page: never a stack, never a message of a library. */
export interface CodedError {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
}

/** The only error type thrown across our own boundaries. `cause` stays in the log of the process it arose in. */
export class AppError extends Error implements CodedError {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams = {}, cause?: unknown) {
    super(
      `${code} ${JSON.stringify(params, (_k, p: unknown) => (typeof p === 'bigint' ? p.toString() : p))}`,
      { cause },
    );
    this.code = code;
    this.params = params;
  }
}

/** Any thrown value as a coded error; what is not ours becomes INTERNAL (or CANCELLED for an abort). */
export function toCodedError(thrown: unknown): CodedError {
  if (thrown instanceof AppError) return { code: thrown.code, params: thrown.params };
  if (isCodedError(thrown)) return { code: thrown.code, params: thrown.params };
  if (thrown instanceof Error && thrown.name === 'AbortError') return { code: 'CANCELLED', params: {} };
  return { code: 'INTERNAL', params: {} };
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCatalogue, value);
}

function isCodedError(value: unknown): value is CodedError {
  return (
    typeof value === 'object' &&
    value !== null &&
    'code' in value &&
    isErrorCode(value.code) &&
    'params' in value
  );
}

/** The catalogue's sentence and action in the words of this call, with parameters filled in; an unknown one reads "?". */
export function describeError(error: CodedError): CatalogueEntry {
  const fill = (text: string) =>
    inOwnWords(text).replace(/\{(\w+)\}/g, (_match, name: string) => String(error.params[name] ?? '?'));
  const entry = errorCatalogue[error.code];
  return { sentence: fill(entry.sentence), action: fill(entry.action) };
}
