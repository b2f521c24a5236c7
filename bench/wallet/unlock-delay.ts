import { cryptoWaitReady } from '@polkadot/util-crypto';
import { watchHostDelay } from '../../src-main/supervisor/host-delay.ts';
import { accountText, newPhrase } from '../../src-main/vault/account-text.ts';
import { openLocked, sealLocked } from '../../src-main/vault/locked/lock.ts';
import { type Figure, figure } from '../report/figures.ts';

const OPENINGS = 5;

/** How long the host's event loop keeps others waiting while wallets open, one after another. */
export async function unlockDelay(): Promise<Figure> {
  await cryptoWaitReady();
  const { signal } = new AbortController();
  const password = new TextEncoder().encode('a password of some length');
  const plain = new TextEncoder().encode(accountText(newPhrase(12)).secret);
  const file = await sealLocked(plain, password, signal);
  const delay = watchHostDelay();
  const from = performance.now();
  for (let opening = 0; opening < OPENINGS; opening++) await openLocked('/w/coldkey', file, password, signal);
  const seconds = (performance.now() - from) / 1_000 / OPENINGS;
  const { p99Ms, maxMs } = delay.read();
  delay.stop();
  const seen = `${seconds.toFixed(1)} s for each of ${OPENINGS}; ${maxMs.toFixed(1)} ms at most`;
  return figure('unlock-delay-p99-ms', p99Ms, 'ms', { floor: 10, goal: 5, seen });
}
