import type { StateQuestion } from './protocol.ts';

/**
 * What a transfer brings: pieces by number, each proved by what a list says of it. The list comes first, from anybody;
 * it is proved by a digest that the chain names.
 */
export interface Wanted {
  /** How errors call it. */
  readonly name: string;
  readonly pieces: number;
  /** Bytes of a usual piece: by it donors' speeds are told. */
  readonly pieceBytes: number;
  /** Bytes of all pieces together at most. */
  readonly totalBytes: number;
  /** Bytes of the list. */
  readonly listBytes: number;
  readonly isComplete: boolean;
  readonly receivedBytes: number;
  has(piece: number): boolean;
  /** Bytes of a piece at most. */
  lengthOf(piece: number): number;
  listQuestion(): StateQuestion;
  pieceQuestion(piece: number): StateQuestion;
  /** Takes the list, and counts what is here already. @returns false when it is not the one that was named */
  list(bytes: Uint8Array): Promise<boolean>;
  /** Keeps a piece. @returns false, having kept nothing, for one that is not what the list says */
  put(piece: number, bytes: Uint8Array): Promise<boolean>;
}
