import type { Codec } from '@polkadot/types/types';
import { type Hex, type Ss58, ss58 } from '../../../src-shared/units.ts';
import type { Commitment } from '../chain.ts';
import { FIELDS_MAX } from '../limits.ts';
import type { Session } from '../session.ts';
import { anyUint, parse, readMany, requiredItem, smallUint } from '../storage.ts';

/** The commitment slots of these hotkeys; a hotkey without one is absent. */
export async function readCommitments(
  session: Session,
  netuid: number,
  hotkeys: readonly Ss58[],
  at: Hex,
  signal: AbortSignal,
): Promise<ReadonlyMap<Ss58, Commitment>> {
  const item = requiredItem(session, 'Commitments', 'CommitmentOf');
  const slots = await readMany(
    session,
    hotkeys.map((hotkey) => ({ item, args: [netuid, hotkey] })),
    at,
    signal,
  );
  const found = new Map<Ss58, Commitment>();
  slots.forEach((slot, i) => {
    if (slot) found.set(ss58(hotkeys[i] ?? ''), commitmentOf(slot));
  });
  return found;
}

/** How much of the current epoch's allowance a hotkey has used; `epoch` is the chain's own count of epochs. */
export interface CommitmentSpace {
  readonly maxBytes: number;
  readonly used: { readonly epoch: number; readonly bytes: number } | null;
  readonly tempo: number;
}

export async function readCommitmentSpace(
  session: Session,
  netuid: number,
  hotkey: Ss58,
  at: Hex,
  signal: AbortSignal,
): Promise<CommitmentSpace> {
  const [max, tempo, used] = await readMany(
    session,
    [
      { item: requiredItem(session, 'Commitments', 'MaxSpace'), args: [] },
      { item: requiredItem(session, 'SubtensorModule', 'Tempo'), args: [netuid] },
      { item: requiredItem(session, 'Commitments', 'UsedSpaceOf'), args: [netuid, hotkey] },
    ],
    at,
    signal,
  );
  const tracker = used as (Codec & { readonly lastEpoch: Codec; readonly usedSpace: Codec }) | null;
  return {
    maxBytes: parse(smallUint, max?.toPrimitive()),
    tempo: parse(smallUint, tempo?.toPrimitive()),
    used: tracker && {
      epoch: Number(parse(anyUint, tracker.lastEpoch.toPrimitive())),
      bytes: parse(smallUint, tracker.usedSpace.toPrimitive()),
    },
  };
}

/** Fields as raw bytes. `toPrimitive` would turn some of them into text, so the codecs are walked by hand. */
function commitmentOf(slot: Codec): Commitment {
  const { block, info } = slot as Codec & {
    readonly block: Codec;
    readonly info: { readonly fields: readonly { readonly type: string; readonly inner: Codec }[] };
  };
  const fields = [...info.fields].slice(0, FIELDS_MAX).map((field) => field.inner.toU8a(true));
  return { block: parse(smallUint, block.toPrimitive()), fields };
}
