import { sha256Hex } from '../../../src-node/sha256.ts';
import type { ParamsOf, ResultOf } from '../../../src-shared/contract/child.ts';
import type { TrainContract } from '../../../src-shared/contract/train.ts';
import { AppError } from '../../../src-shared/errors/app-error.ts';
import type { WorkRecord } from '../../../src-shared/spool.ts';
import { jsonBytes, type Pending } from './current.ts';
import { clearOffer, holdsOffer, UnsoundOffer, writeManifest, writeOffer, writeWork } from './offer-files.ts';
import { nextSerial, type Replica, turnOver, withBooks, writeLocal } from './replica.ts';
import { settlePending } from './settle.ts';

type Asked = ParamsOf<TrainContract, 'contribute'>;
type Contributed = ResultOf<TrainContract, 'contribute'>;

/** The contribution of this round where it is complete already: the host asks again after a crash. */
export async function contributed(replica: Replica, asked: Asked): Promise<Contributed | null> {
  const { pending, settledRound } = replica.current;
  if (asked.round <= settledRound || (pending && asked.round < pending.round))
    throw new AppError('NOT_NOW', { what: `A contribution to round ${asked.round}`, state: 'settled' });
  if (pending?.round !== asked.round || pending.codec !== asked.codec || !replica.frozen) return null;
  return (await holdsOffer(replica, pending)) ? answerOf(pending) : null;
}

/**
 * Freezes delta + residue into the spool. The snapshot and CURRENT are durable before the manifest, and the root
 * leaves this process after it: whoever reads the manifest reads a contribution that a crash cannot change.
 * The caller holds the engine's turn, so the local weights are those that `work` describes.
 */
export async function contribute(replica: Replica, asked: Asked, work: WorkRecord): Promise<Contributed> {
  return withBooks(replica, async () => {
    await forgetUnsettled(replica, asked.round);
    await clearOffer(replica, asked.round);
    return (await remade(replica, asked, work)) ?? made(replica, asked, work);
  });
}

async function made(
  replica: Replica,
  asked: Asked,
  work: WorkRecord,
  { mayStartOver } = { mayStartOver: true },
): Promise<Contributed> {
  const { round, codec } = asked;
  const { base, residue } = replica;
  // What is offered is read from the snapshot, so that it can be had again to the last bit.
  const snapshot = await snapshotNow(replica);
  const frozen = snapshot?.parameters ?? base;
  const offer = { base, local: frozen, residue };
  const offering = await writeOffer(replica, round, offer, codec).catch((thrown: unknown) => {
    if (thrown instanceof UnsoundOffer && mayStartOver) return null;
    throw thrown;
  });
  if (!offering) {
    await startOver(replica);
    return made(replica, asked, work, { mayStartOver: false });
  }
  const { leaves, ...written } = offering;
  const workBytes = jsonBytes(work);
  await writeWork(replica, round, workBytes);

  const local = snapshot?.name ?? null;
  const { steps, sequences } = work;
  const workDigest = sha256Hex(workBytes);
  const pending: Pending = { round, codec, frozen: local, ...written, steps, sequences, workDigest };
  const { current } = replica;
  const medianNorm = asked.medianNorm ?? current.medianNorm;
  await turnOver(replica, { ...current, serial: nextSerial(replica), medianNorm, pending }, { frozen });
  await writeManifest(replica, pending, leaves);
  return answerOf(pending);
}

/** The local replica as it is now, and CURRENT that names it: the snapshot before goes, and leaves its room to the offer. */
async function snapshotNow(replica: Replica) {
  const { current, local } = replica;
  const snapshot = await writeLocal(replica, local.image(), current.standing.id);
  const names = snapshot ? { local: snapshot.name, formerly: null } : { local: null };
  const next = { ...current, ...names, serial: nextSerial(replica), previous: null, rebase: null };
  await turnOver(replica, next);
  return snapshot;
}

/**
 * The spool lost files of a contribution that stands in CURRENT and may have been announced: made again from the
 * weights that were frozen for it, to the last bit. null where it cannot be had again.
 */
async function remade(replica: Replica, { round, codec }: Asked, work: WorkRecord) {
  const { base, residue, frozen: local } = replica;
  const { pending } = replica.current;
  if (pending?.round !== round || pending.codec !== codec || !local) return null;
  const workBytes = jsonBytes(work);
  if (sha256Hex(workBytes) !== pending.workDigest) return null;
  const { leaves, root } = await writeOffer(replica, round, { base, local, residue }, codec);
  if (root !== pending.root) return null;
  await writeWork(replica, round, workBytes);
  await writeManifest(replica, pending, leaves);
  return answerOf(pending);
}

/** An earlier contribution of which nobody told the outcome counts as taken whole: nothing may count twice. */
async function forgetUnsettled(replica: Replica, round: number): Promise<void> {
  const { pending } = replica.current;
  const unknown = { outcome: 'unknown', resultId: null, drawn: true, medianNorm: null } as const;
  if (pending && pending.round < round) await settlePending(replica, { round: pending.round, ...unknown });
}

/** An offer that is not finite must not be sent: the local weights start again at the base, and nothing is owed. */
async function startOver(replica: Replica): Promise<void> {
  await replica.local.restart(replica.base);
  const none = { residue: null, pending: null, local: null, previous: null, rebase: null };
  const next = { ...replica.current, ...none, serial: nextSerial(replica) };
  await turnOver(replica, next, { residue: null, frozen: null });
}

const answerOf = ({ root, norm, steps, sequences, workDigest }: Pending): Contributed => ({
  root,
  norm,
  steps,
  sequences,
  workDigest,
});
