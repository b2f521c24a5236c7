import { setImmediate as turn } from 'node:timers/promises';
import { verifyEd25519 } from '../src-node/ed25519.ts';
import { verifySr25519 } from '../src-node/sr25519.ts';
import { withLimit } from '../src-node/waits.ts';
import type { DisputeFile } from '../src-shared/contract/page/api.ts';
import type { DisputeChecked } from '../src-shared/contract/page/why-less.ts';
import { AppError } from '../src-shared/errors/app-error.ts';
import { runTagOf } from '../src-shared/profile/profile.ts';
import { checkDispute, composeDispute, disputeText } from '../src-shared/scoring/dispute.ts';
import type { Ss58 } from '../src-shared/units.ts';
import type { Run } from './runs/run.ts';
import type { KeptText } from './scoring/kept-cards.ts';
import { SWARM_CALL_LIMIT_MS } from './scoring/limits.ts';
import type { Store } from './store/store.ts';
import { HOTKEY } from './vault/key-names.ts';

/** Receipts of so many rounds at most: `swarm` holds no more. */
const ROUNDS_WITH_RECEIPTS = 2;
const ROWS = 500;

/**
 * What validators signed of this run's hotkey, and the receipts of those rounds that are held yet, signed by the hotkey.
 * @throws {AppError} DISPUTE_NOTHING
 */
export async function writeDispute(run: Run, signal: AbortSignal): Promise<DisputeFile> {
  const { hotkey, profileHash, chain, config, swarm } = run;
  // Before the chain was heard nobody knows which round it is.
  const current = run.rounds.view?.round ?? Number.POSITIVE_INFINITY;
  const texts = shownWords((await run.cards?.all()) ?? [], current);
  const newest = [...new Set(texts.map(({ round }) => round))].sort((a, b) => b - a);
  const rounds = newest.slice(0, ROUNDS_WITH_RECEIPTS);
  const proofs = await Promise.all(
    rounds.map((round) => swarm.call('receiptProofs', { round }, withLimit(signal, SWARM_CALL_LIMIT_MS))),
  );
  const dispute = composeDispute({
    ...{ profileHash, netuid: chain.netuid, genesisHash: chain.genesisHash, hotkey, writtenAtMs: Date.now() },
    cards: texts.map(({ signed }) => `${signed.text}\n${signed.signature}`),
    receipts: proofs.flatMap(({ envelopes }) => envelopes),
    bindings: proofs.flatMap(({ bindings }) => bindings),
  });
  if (!dispute) throw new AppError('DISPUTE_NOTHING');
  const of = { kind: 'dispute', runTag: runTagOf(profileHash) } as const;
  const text = config.keys.vault.signText(HOTKEY, of, disputeText(dispute));
  return { name: `dispute-${hotkey.slice(0, 8)}-${rounds[0]}.txt`, text: `${text}\n` };
}

/**
 * In the order in which they find their place in a file: of each validator the newest word first, and of equally new ones
 * the shorter, so that none fills the file for all. Rounds that are still to come are nobody's, and would push out the
 * receipts of those that were.
 */
export function shownWords(texts: readonly KeptText[], currentRound: number): readonly KeptText[] {
  const said = texts.filter(({ round }) => round <= currentRound);
  const placeOf = ({ validator, round }: KeptText) =>
    said.filter((one) => one.validator === validator && one.round > round).length;
  return said.toSorted(
    (a, b) => placeOf(a) - placeOf(b) || a.signed.text.length - b.signed.text.length || b.round - a.round,
  );
}

/**
 * Checks a file against a run of this computer, and where that is a validator's against its own rows.
 * @throws {AppError} DISPUTE_MALFORMED, DISPUTE_FOREIGN, DISPUTE_ALTERED
 */
export function checkDisputeOf(run: Run, store: Store, text: string): Promise<DisputeChecked> {
  const { hotkey, profileHash, chain, storeId, config } = run;
  const { consensus } = config.profile;
  const door = {
    ...{ runTag: runTagOf(profileHash), profileHash, netuid: chain.netuid, genesisHash: chain.genesisHash },
    ...{ model: consensus.scoreModel, verifySr25519, verifyEd25519, breathe: () => turn() },
  };
  return checkDispute(text, door, async (accused, validator, round) =>
    validator === hotkey ? keptRows(store, storeId, accused, round) : null,
  );
}

async function keptRows(store: Store, storeId: number, of: Ss58, round: number) {
  const rows = await store.evidence(storeId, of, ROWS);
  const ofRound = rows.filter((row) => row.round === round);
  return ofRound.length === 0 ? null : Object.fromEntries(ofRound.map(({ term, value }) => [term, value]));
}

/** The run of this computer that a file is about. @throws {AppError} DISPUTE_MALFORMED, DISPUTE_FOREIGN */
export function runOfDispute(text: string, runs: readonly Run[]): Run {
  const named = /"profileHash":"([0-9a-f]{64})"/.exec(text)?.[1];
  if (named === undefined) throw new AppError('DISPUTE_MALFORMED', { reason: 'fields' });
  // A validator has rows of its own to look at.
  const of = runs.filter(({ profileHash }) => profileHash === named);
  const run = of.find(({ config }) => config.role === 'validator') ?? of[0];
  if (!run) throw new AppError('DISPUTE_FOREIGN', { hash: named.slice(0, 16) });
  return run;
}
