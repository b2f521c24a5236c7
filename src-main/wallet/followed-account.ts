import { type Listeners, listeners } from '../../src-node/listeners.ts';
import type { AccountId } from '../../src-shared/contract/page/money.ts';
import { AppError, type CodedError, toCodedError } from '../../src-shared/errors/app-error.ts';
import type { Network } from '../network/client.ts';
import type { NetworkShare, Networks } from '../network/networks.ts';
import { type AccountReading, type AccountWatch, watchAccount } from './account-watch.ts';

interface FollowedEvents {
  /** Another reading, another problem, or another state of the network. */
  changed: undefined;
}

/** One account on a network that may come and go: read while the network is open, kept as it was while it is not. */
export interface FollowedAccount extends Pick<Listeners<FollowedEvents>, 'on'> {
  readonly id: AccountId;
  /** null while nothing here is connected to it. */
  readonly network: Network | null;
  readonly reading: AccountReading | null;
  /** Why the newest reading failed, or that there is no network now. */
  readonly problem: CodedError | null;
  setLooked(isLooked: boolean): void;
  look(): void;
  stop(): Promise<void>;
}

/**
 * @param endpoint where to reach the network if nobody else here does; null: it is opened by others or not at all
 */
export function followAccount(
  {
    id,
    endpoint,
    isLooked,
  }: { readonly id: AccountId; readonly endpoint: string | null; readonly isLooked: boolean },
  networks: Networks,
  signal: AbortSignal,
): FollowedAccount {
  const events = listeners<FollowedEvents>();
  const stopping = new AbortController();
  const life = AbortSignal.any([signal, stopping.signal]);
  let network: Network | null = null;
  let watch: AccountWatch | null = null;
  let share: Promise<NetworkShare> | null = null;
  let reading: AccountReading | null = null;
  let problem: CodedError | null = null;
  let looked = isLooked;

  function attach(): void {
    const open = networks.all.get(id.network) ?? null;
    if (open === network || life.aborted) return;
    watch?.stop();
    watch = null;
    network = open;
    problem = open ? null : { code: 'NETWORK_NOT_OPEN', params: { network: id.network } };
    if (open) begin(open);
    else openAsGuest();
    events.emit('changed', undefined);
  }

  function begin(open: Network): void {
    watch = watchAccount(open, id.coldkey);
    watch.setLooked(looked);
    watch.on('read', (found) => {
      reading = found;
      problem = null;
      events.emit('changed', undefined);
    });
    watch.on('failed', (error) => {
      problem = toCodedError(error);
      events.emit('changed', undefined);
    });
  }

  /** Nobody else needs it; who does, under another address, has it. */
  function openAsGuest(): void {
    if (endpoint === null || life.aborted) return;
    const asked = networks.open({ name: id.network, endpoints: [endpoint] }, life, true);
    share = asked;
    asked.catch((error: unknown) => {
      if (share !== asked) return;
      share = null;
      const isTaken = error instanceof AppError && error.code === 'NETWORK_NAME_TAKEN';
      if (life.aborted || isTaken) return;
      problem = toCodedError(error);
      events.emit('changed', undefined);
    });
  }

  const off = networks.onChange(attach);
  problem = { code: 'NETWORK_NOT_OPEN', params: { network: id.network } };
  if (networks.all.has(id.network)) attach();
  else openAsGuest();

  return {
    id,
    on: events.on,
    get network() {
      return network;
    },
    get reading() {
      return reading;
    },
    get problem() {
      return problem;
    },
    setLooked(now) {
      looked = now;
      watch?.setLooked(now);
    },
    look: () => watch?.look(),
    async stop() {
      stopping.abort();
      off();
      watch?.stop();
      await share?.then((held) => held.release()).catch(() => undefined);
    },
  };
}
