/** How far a page has read the log. */
export interface LogCursor {
  /** Names the start of the host: another one counts its lines anew. */
  readonly start: number;
  /** Lines of that host that are read. */
  readonly line: number;
}

/** A part of the log, the oldest line first, without secrets. */
export interface LogPart {
  readonly lines: readonly string[];
  /** To ask on with. */
  readonly next: LogCursor;
  /** Lines between the cursor and this part that are only in the file by now. */
  readonly missed: number;
  /** It begins anew, and does not go on behind the cursor: the host was another one. */
  readonly isFresh: boolean;
}
