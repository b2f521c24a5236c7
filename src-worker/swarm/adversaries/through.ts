import type { Network } from '../net/link.ts';

/** A network that does some things otherwise, and everything else as it did. */
export const through = (network: Network, otherwise: Partial<Network>): Network => ({
  self: network.self,
  peers: () => network.peers(),
  isConnected: (hotkey) => network.isConnected(hotkey),
  peerKey: (hotkey) => network.peerKey(hotkey),
  bindingOf: (hotkey) => network.bindingOf(hotkey),
  open: (hotkey, protocol, signal) => network.open(hotkey, protocol, signal),
  handle: (protocol, serve) => network.handle(protocol, serve),
  onPeer: (listener) => network.onPeer(listener),
  ...otherwise,
});
