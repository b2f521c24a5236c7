import type { HostProcess } from './host-process.ts';

/** Blocks over which the time between them is taken. */
const BLOCKS = 20;
const LIMIT_MS = 300_000;

/** ms from block to block, over the next twenty that this host sees. */
export async function blockTimeMs(host: HostProcess): Promise<number> {
  let from: { readonly block: number; readonly atMs: number } | null = null;
  return await host.first(
    'twenty blocks',
    (told) => {
      if (told.kind !== 'view') return undefined;
      from ??= { block: told.block, atMs: performance.now() };
      const blocks = told.block - from.block;
      return blocks >= BLOCKS ? (performance.now() - from.atMs) / blocks : undefined;
    },
    LIMIT_MS,
  );
}
