import { NodeError } from '../rpc-frame.ts';

/** Null where the node has let go of that state: it names the block unknown, in words, since codes differ by version. */
export const ifKept = <T>(read: Promise<T>): Promise<T | null> =>
  read.catch((error: unknown) => {
    if (error instanceof NodeError && /UnknownBlock|discarded|not found/i.test(error.message)) return null;
    throw error;
  });
