import { decryptTimelocked } from '../../../src-node/timelock.ts';
import { MAX_REVEALS_PER_BLOCK } from '../limits.ts';
import { commitmentsStorage } from './commitments.ts';
import { drandStorage } from './drand.ts';
import type { Context, Value } from './pallet.ts';
import type { Store } from './store.ts';

/** Of one account on one subnet; the oldest goes first. */
const MAX_REVEALED = 10;

const isLocked = ({ type }: Value): boolean => type === 'TimelockEncrypted';

const lockedFields = (store: Store, netuid: number, who: string): Value[] =>
  store.get(commitmentsStorage.CommitmentOf, netuid, who)?.info.fields.filter(isLocked) ?? [];

/** Rounds of the beacon that commitments wait for. */
export const roundsOfCommitments = (store: Store): bigint[] =>
  store
    .get(commitmentsStorage.TimelockedIndex)
    .flatMap(([netuid, who]) => lockedFields(store, netuid, who).map(({ value }) => value.reveal_round));

/**
 * Opens the fields of commitments whose round has come: their text goes to what is revealed, and out of the
 * commitment. A field that cannot be opened goes too, in silence. One commitment counts once, whatever it holds.
 */
export function revealCommitments(context: Context): void {
  const { store } = context;
  const isDue = ({ value }: Value) => store.has(drandStorage.Pulses, value.reveal_round);
  const due = store
    .get(commitmentsStorage.TimelockedIndex)
    .filter(([netuid, who]) => lockedFields(store, netuid, who).some(isDue));
  for (const [netuid, who] of due.slice(0, MAX_REVEALS_PER_BLOCK)) reveal(context, netuid, who);
}

function reveal({ store, block, emit }: Context, netuid: number, who: string): void {
  const registration = store.get(commitmentsStorage.CommitmentOf, netuid, who);
  if (!registration) return;
  const opened: Value[] = [];
  const left = registration.info.fields.filter((field) => {
    const pulse = isLocked(field) ? store.get(drandStorage.Pulses, field.value.reveal_round) : null;
    const plain = pulse && decryptTimelocked(field.value.encrypted, pulse.signature);
    if (plain) opened.push([plain, BigInt(block)]);
    return pulse === null;
  });
  if (left.length > 0)
    store.put(commitmentsStorage.CommitmentOf, { ...registration, info: { fields: left } }, netuid, who);
  else store.remove(commitmentsStorage.CommitmentOf, netuid, who);
  if (!left.some(isLocked))
    store.change(commitmentsStorage.TimelockedIndex, (index) =>
      index.filter(([at, account]) => at !== netuid || account !== who),
    );
  if (opened.length === 0) return;
  const before = store.get(commitmentsStorage.RevealedCommitments, netuid, who) ?? [];
  const all = [...before, ...opened].slice(-MAX_REVEALED);
  store.put(commitmentsStorage.RevealedCommitments, all, netuid, who);
  emit('Commitments', 'CommitmentRevealed', { netuid, who });
}
