import { EXCHANGE_EVERY_MS } from '../../limits.ts';
import type { PeerSource, PeerSourceFactory, Surroundings } from './source.ts';

/**
 * Asks one peer at random whom it knows, now and then, which heals a mesh whose members joined through different
 * doors. A greeting on a bound connection does just that.
 */
export const helloExchange = (): PeerSourceFactory => ({ make });

function make({ members, greet }: Surroundings): PeerSource {
  let timer: NodeJS.Timeout | undefined;
  const exchange = () => {
    const hotkeys = members.hotkeys();
    const one = hotkeys[Math.floor(Math.random() * hotkeys.length)];
    const [connection] = one ? members.connectionsOf(one) : [];
    if (connection) void greet(connection).catch(() => {});
  };
  return {
    addresses: () => [],
    async start() {
      timer = setInterval(exchange, EXCHANGE_EVERY_MS);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
    },
  };
}
