import { readFileSync } from 'node:fs';
import type { ReadRange } from '../../../../../src-worker/train/pages/parquet/footer.ts';

const FOLDER = new URL('../../../../fixtures/parquet/', import.meta.url);

export const fixture = (name: string): Uint8Array => readFileSync(new URL(`${name}.parquet`, FOLDER));

/** What tools/fixtures/parquet_variants.py wrote into every variant. */
export const written = JSON.parse(readFileSync(new URL('rows.json', FOLDER), 'utf8')) as {
  readonly rowGroupRows: number;
  readonly rows: readonly (string | null)[];
  readonly variants: readonly string[];
};

export const inMemory =
  (bytes: Uint8Array): ReadRange =>
  async (start, end) =>
    new Uint8Array(bytes.subarray(start, end));
