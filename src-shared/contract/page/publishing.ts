/** What a trial of the place that states are published to found. */
export interface StoreTested {
  /** Repository, bucket or folder. */
  readonly place: string;
  /** Whose key it is; null where the store knows no names. */
  readonly account: string | null;
  /** null where nobody can tell. */
  readonly isPublic: boolean | null;
  readonly sentBytesPerSecond: number;
  readonly receivedBytesPerSecond: number;
}
