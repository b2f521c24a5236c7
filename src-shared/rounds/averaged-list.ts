import { contributorsFromHex } from '../reduce/bitmap.ts';
import type { AverageManifest } from '../spool.ts';
import type { ResultsList } from './results-list.ts';

/** The results that an average is made of, as a list: its digest is bound into the id of the round. */
export const listOf = ({ chunks }: Pick<AverageManifest, 'chunks'>): ResultsList =>
  chunks.map(
    (chunk) =>
      chunk && {
        signer: chunk.reducer,
        contributors: contributorsFromHex(chunk.contributors),
        divisor: chunk.divisor,
        digest: chunk.digest,
      },
  );
