import type { AccountView } from '../../src-shared/contract/page/money.ts';
import type { View } from '../../src-shared/contract/page/sections.ts';
import { t } from '../i18n/t.ts';
import type { NameOf } from './intent-words.ts';

/** Names of addresses: one's own keys by their own names, others as the address book has them. */
export function namesIn(view: View, account: AccountView | null): NameOf {
  const names = new Map<string, string>();
  for (const { address, name } of view.contacts) names.set(address, name);
  for (const { coldkey, name, opens, hotkeys } of view.wallets) {
    if (coldkey && (opens !== 'elsewhere' || !names.has(coldkey))) names.set(coldkey, name);
    for (const hotkey of hotkeys) if (hotkey.address) names.set(hotkey.address, hotkey.name);
  }
  const own = (hotkey: string) =>
    t(view.runs[hotkey]?.facts.role === 'validator' ? 'places.yourValidator' : 'places.yourMiner');
  for (const { hotkey, hotkeyName, isOwnHotkey } of account?.holds?.stakes ?? [])
    if (hotkeyName ?? isOwnHotkey) names.set(hotkey, hotkeyName ?? own(hotkey));
  for (const id of Object.keys(view.runs)) if (!names.has(id)) names.set(id, own(id));
  return (address) => names.get(address) ?? null;
}
