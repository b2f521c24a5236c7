/** What came of something that happened to a practice. */
export interface GoesOn {
  readonly goesOn: boolean;
  /** What was seen, for the reader of the report. */
  readonly seen: string;
}
