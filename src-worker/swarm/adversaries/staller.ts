import { MessageReader, sendMessage, withLink } from '../net/ask.ts';
import type { Network, Protocol } from '../net/link.ts';
import { later } from '../state/protocol.ts';
import { through } from './through.ts';

/** By what judges look at a member's state and contribution. */
const ASKED_BY_JUDGES: ReadonlySet<Protocol> = new Set(['state', 'contribution']);

/** A member that is always too busy to be looked at, and works like any other. */
export const stalling = (network: Network): Network =>
  through(network, {
    handle: (protocol, serve) =>
      network.handle(protocol, ASKED_BY_JUDGES.has(protocol) ? sayingLater : serve),
  });

const QUESTION_MAX_BYTES = 1_024;
const never = new AbortController().signal;

const sayingLater: Parameters<Network['handle']>[1] = (link, from) =>
  withLink(link, never, async () => {
    await new MessageReader(link, from).next(QUESTION_MAX_BYTES);
    await sendMessage(link, later());
  });
