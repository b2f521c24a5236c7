import type { Context } from '../pallet.ts';
import { changeReserve } from '../reserve.ts';
import { fail } from './definitions.ts';
import { type Announcement, DEPOSITS, MAX_PENDING, proxyStorage } from './storage.ts';

const depositFor = (count: number): bigint =>
  count === 0 ? 0n : DEPOSITS.AnnouncementDepositBase + DEPOSITS.AnnouncementDepositFactor * BigInt(count);

/** Says beforehand what will be done for an account, by the call's hash. @throws {Failure} NotProxy, TooMany */
export function announce(context: Context, who: string, real: string, callHash: string): void {
  const { store, block } = context;
  const [proxies] = store.get(proxyStorage.Proxies, real);
  if (!proxies.some(({ delegate }) => delegate === who)) throw fail('NotProxy');
  const [pending, deposit] = store.get(proxyStorage.Announcements, who);
  if (pending.length >= MAX_PENDING) throw fail('TooMany');
  const next = depositFor(pending.length + 1);
  changeReserve(context, who, deposit, next);
  const added: Announcement = { real, call_hash: callHash, height: block };
  store.put(proxyStorage.Announcements, [[...pending, added], next], who);
  context.emit('Proxy', 'Announced', { real, proxy: who, call_hash: callHash });
}

/** Takes back announcements of a delegate that fit, all of them. @throws {Failure} NotFound where none does */
export function dropAnnouncements(
  context: Context,
  delegate: string,
  fits: (each: Announcement) => boolean,
): void {
  const { store } = context;
  const [pending, deposit] = store.get(proxyStorage.Announcements, delegate);
  const left = pending.filter((each) => !fits(each));
  if (left.length === pending.length) throw fail('NotFound');
  const next = depositFor(left.length);
  changeReserve(context, delegate, deposit, next);
  if (left.length > 0) store.put(proxyStorage.Announcements, [left, next], delegate);
  else store.remove(proxyStorage.Announcements, delegate);
}
