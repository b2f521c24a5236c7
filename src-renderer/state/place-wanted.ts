import type { AccountView, MoneyQuote } from '../../src-shared/contract/page/money.ts';
import type { RunId, View } from '../../src-shared/contract/page/sections.ts';
import { hotkeyOffers } from './hotkey-offers.ts';

/**
 * An own hotkey that the chain says has no place where stake is to go.
 * @returns the run of that hotkey there, on whose subnet's screen a place is bought; `run` null where none is known here
 */
export function placeWanted(
  view: View,
  account: AccountView,
  { netuid, hotkey }: { readonly netuid: number; readonly hotkey: string },
  quote: MoneyQuote | null,
): { readonly run: RunId | null } | null {
  const isOwn = hotkeyOffers(view, account, netuid).some(
    ({ address, kind }) => address === hotkey && kind === 'own',
  );
  const isPlaceless =
    quote?.problem?.code === 'HOTKEY_NOT_ON_CHAIN' ||
    quote?.warnings.some(({ code }) => code === 'HOTKEY_NOT_ON_SUBNET');
  // Nobody has a place on root by a registration that is paid.
  if (!isOwn || !isPlaceless || netuid === 0) return null;
  const isThere = (at: { readonly network: string; readonly netuid: number }) =>
    at.network === account.id.network && at.netuid === netuid;
  const live = view.runs[hotkey];
  const stopped = view.stopped.find(({ id }) => id === hotkey);
  const isKnown = (live && isThere(live.facts)) || (stopped && isThere(stopped));
  return { run: isKnown ? hotkey : null };
}
