import type { CodedError } from '../../errors/app-error.ts';

/** What a run's model wrote, and the words of the held-out text that it went on from. */
export interface WrittenText {
  /** The committed base that wrote. */
  readonly round: number;
  /** Which of the places in the held-out text the words are from. */
  readonly place: number;
  readonly prompt: string;
  readonly text: string;
  readonly atMs: number;
}

export interface WritingView {
  /** The newest; null before the first. */
  readonly now: WrittenText | null;
  /** What the first base that was asked wrote from the same words; null where that is the newest. */
  readonly before: WrittenText | null;
  readonly isWriting: boolean;
  /** Why the newest try came to nothing; null when it did not. */
  readonly problem: CodedError | null;
}

/** `newer`: the same words again, where there is a newer base; `another`: other words, at once. */
export const writingWishes = ['newer', 'another'] as const;
export type WritingWish = (typeof writingWishes)[number];
