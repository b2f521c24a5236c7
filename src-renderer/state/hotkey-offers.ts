import type { AccountView } from '../../src-shared/contract/page/money.ts';
import type { RunId, View } from '../../src-shared/contract/page/sections.ts';
import type { ValidatorsView } from '../../src-shared/contract/page/validators.ts';
import { type Ss58, ss58 } from '../../src-shared/units.ts';

/** Why a hotkey is offered: it is one's own, has stake of this account already, or validates there. */
export type OfferKind = 'own' | 'staked' | 'validator' | 'contact';

export interface HotkeyOffer {
  readonly address: Ss58;
  readonly name: string | null;
  readonly kind: OfferKind;
}

/** So many validators of a subnet are offered at the field; all of them stand in their table. */
const VALIDATORS_OFFERED = 16;

/**
 * Hotkeys to stake to on a subnet, one's own first. What is not among them can be pasted.
 * @param looked who validates there by the chain; null or another subnet's: not known
 */
export function hotkeyOffers(
  view: View,
  account: AccountView,
  netuid: number | null,
  looked: ValidatorsView | null = null,
): readonly HotkeyOffer[] {
  const seated = looked?.netuid === netuid ? looked.rows.filter(({ isValidator }) => isValidator) : [];
  const offers = [
    ...ownHotkeys(view, account, netuid),
    ...known(
      view,
      account,
      netuid,
      seated.slice(0, VALIDATORS_OFFERED).map(({ hotkey }) => hotkey),
    ),
  ];
  const seen = new Set<string>();
  return offers.filter(({ address }) => !seen.has(address) && seen.add(address));
}

function ownHotkeys(view: View, { id }: AccountView, netuid: number | null): readonly HotkeyOffer[] {
  const running = runsThere(view, id.network, netuid)
    .filter(([, run]) => run.wallet === null || run.wallet.coldkey === id.coldkey)
    .map(([hotkey]): HotkeyOffer => ({ address: ss58(hotkey), name: null, kind: 'own' }));
  const kept = view.wallets
    .filter(({ coldkey }) => coldkey === id.coldkey)
    .flatMap(({ hotkeys }) => hotkeys)
    .flatMap(({ name, address }): HotkeyOffer[] => (address ? [{ address, name, kind: 'own' }] : []));
  return running.map((offer) => kept.find(({ address }) => address === offer.address) ?? offer).concat(kept);
}

function known(
  view: View,
  { id, holds }: AccountView,
  netuid: number | null,
  seated: readonly Ss58[],
): readonly HotkeyOffer[] {
  const staked = (holds?.stakes ?? [])
    .filter((stake) => stake.netuid === netuid)
    .map(({ hotkey, hotkeyName, isOwnHotkey }): HotkeyOffer => {
      return { address: hotkey, name: hotkeyName, kind: isOwnHotkey ? 'own' : 'staked' };
    });
  const inSwarm = runsThere(view, id.network, netuid)
    .flatMap(([, run]) => run.swarm?.peers ?? [])
    .filter(({ role, self }) => role === 'validator' && !self)
    .map(({ hotkey }) => hotkey);
  const validators = [...inSwarm, ...seated].map(
    (address): HotkeyOffer => ({ address, name: null, kind: 'validator' }),
  );
  const contacts = view.contacts.map(
    ({ address, name }): HotkeyOffer => ({ address, name, kind: 'contact' }),
  );
  const nameOf = (address: string) => view.contacts.find((one) => one.address === address)?.name ?? null;
  return [...staked, ...validators.map((one) => ({ ...one, name: nameOf(one.address) })), ...contacts];
}

const runsThere = (
  view: View,
  network: string,
  netuid: number | null,
): readonly [RunId, View['runs'][RunId]][] =>
  Object.entries(view.runs).filter(
    ([, { facts }]) => facts.network === network && (netuid === null || facts.netuid === netuid),
  ) as [RunId, View['runs'][RunId]][];

/** The subnet that staking begins with: that of a run on this network, else where most of the money is. */
export function usualNetuid(view: View, { id, holds }: AccountView): number | null {
  const [first] = runsThere(view, id.network, null);
  return first?.[1].facts.netuid ?? holds?.stakes.find(({ netuid }) => netuid !== 0)?.netuid ?? null;
}
