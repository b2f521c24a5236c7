import { RESIDUE_MEDIANS } from '../limits.ts';
import { type VectorSource, type VectorWindow, windowsOf, windowsOver } from '../vector-source.ts';
import { capFactor, offered, squaresOf } from './algebra.ts';
import type { Pending } from './current.ts';
import { residueName } from './layout.ts';
import { extentOf, nextSerial, type Replica } from './replica.ts';
import { inResidue, packResidue } from './residue-file.ts';

/** What is owed to the group. It passes by in windows on its way to the disk. */
export interface Owed {
  windows(): AsyncIterable<VectorWindow>;
  /** Largest norm of it that is kept. */
  readonly limit: number | null;
}

/** A residue as CURRENT names it and as the replica reads it. */
export interface Residue {
  readonly name: string | null;
  readonly source: VectorSource | null;
}

/** Nothing is owed. */
export const noResidue: Residue = { name: null, source: null };

/** Never more than some medians: what a small part of a round missed every time would otherwise grow without end. */
export const residueLimit = (medianNorm: number | null): number | null =>
  medianNorm === null ? null : RESIDUE_MEDIANS * medianNorm;

/** What was offered - decoded chunks that were taken. A lost snapshot counts as taken whole. */
export function owed(
  replica: Replica,
  pending: Pending,
  { taken, medianNorm }: { readonly taken: string; readonly medianNorm: number | null },
): Owed | null {
  const { base, frozen: local, residue, slices, consensus, coder } = replica;
  if (!local) return null;
  const offer = { base, local, residue };
  const { chunkElements } = consensus.codec;
  async function* windows(): AsyncGenerator<VectorWindow> {
    for await (const window of offered(slices, offer, extentOf(replica))) {
      for (const { offset, length } of windowsOver(window.values.length, chunkElements)) {
        const chunk = (window.offset + offset) / chunkElements;
        if (taken[chunk] !== '1') continue;
        const part = window.values.subarray(offset, offset + length);
        // Encoding is deterministic: this is what went out, whether or not the spool still holds it.
        const sent = coder.decode(pending.codec, chunk, coder.encode(pending.codec, chunk, part));
        for (let i = 0; i < length; i += 1) part[i] = part[i]! - (sent?.[i] ?? 0);
        await slices.worked(length);
      }
      yield window;
    }
  }
  return { windows, limit: residueLimit(medianNorm) };
}

/** Writes what is owed under the serial of the CURRENT to come, and no more of it than its limit. */
export async function writeResidue(replica: Replica, owing: Owed | null): Promise<Residue> {
  if (!owing) return noResidue;
  const { disk, folder, elements } = replica;
  const name = residueName(nextSerial(replica));
  const path = folder.path(name);
  const source = inResidue(path);
  let squares = 0;
  async function* whole() {
    for await (const { values } of owing!.windows()) {
      squares += await squaresOf(replica.slices, values);
      yield packResidue(values);
    }
  }
  await disk.write(path, whole(), { seal: true });
  const factor = capFactor(Math.sqrt(squares), owing.limit);
  if (factor === null) {
    await disk.remove(path);
    return noResidue;
  }
  // Rarely more than the limit: then the file is written once more rather than all of it computed twice each time.
  if (factor !== 1)
    await disk.write(path, scaled(replica, windowsOf(source, elements), factor), { seal: true });
  return { name, source };
}

async function* scaled({ slices }: Replica, windows: AsyncIterable<VectorWindow>, factor: number) {
  for await (const { values } of windows) {
    await slices.each(values.length, (from, to) => {
      for (let i = from; i < to; i += 1) values[i] = values[i]! * factor;
    });
    yield packResidue(values);
  }
}
