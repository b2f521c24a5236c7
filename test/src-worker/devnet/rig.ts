import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { ISubmittableResult } from '@polkadot/types/types';
import { cryptoWaitReady } from '@polkadot/util-crypto';
import { onTestFinished } from 'vitest';
import type { DevnetOptions } from '../../../src-shared/contract/devnet.ts';
import { type Devnet, startDevnet } from '../../../src-worker/devnet/start.ts';

export const TAO = 1_000_000_000n;
export const TOKEN = 'a token for tests only';
export const NETUID = 38;

await cryptoWaitReady();
const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
/** Keys by name; the same name is the same key everywhere. */
export const key = (name: string): KeyringPair => keyring.addFromUri(`//${name}`);

export const owner = key('owner');
export const ownerHotkey = key('owner-hotkey');
export const alice = key('alice');
export const bob = key('bob');

export const options = (changes: Partial<DevnetOptions> = {}, subnet: Partial<DevnetOptions['subnets'][number]> = {}): DevnetOptions => ({
  dataDir: null,
  port: 0,
  seed: '38'.repeat(32),
  blockMs: null,
  genesisTimeMs: 1_800_000_000_000,
  controlToken: TOKEN,
  accounts: [
    { ss58: owner.address, freeRao: 10_000n * TAO },
    { ss58: alice.address, freeRao: 10_000n * TAO },
  ],
  subnets: [
    {
      netuid: NETUID,
      name: 'Distributed Training',
      ownerColdkey: owner.address,
      ownerHotkey: ownerHotkey.address,
      taoReserveRao: 1_000n * TAO,
      alphaReserveRao: 10_000n * TAO,
      ...subnet,
    },
  ],
  ...changes,
});

export interface Rig {
  readonly devnet: Devnet;
  readonly api: ApiPromise;
  /** Calls a devnet_* method. */
  control(method: string, ...params: unknown[]): Promise<unknown>;
  /** Seals blocks. */
  seal(blocks?: number): void;
  /** Signs, submits and seals; resolves once in a block. */
  send(call: ReturnType<ApiPromise['tx'][string][string]>, signer: KeyringPair): Promise<ISubmittableResult>;
  /** The error's name when the call failed, else null. */
  outcome(call: ReturnType<ApiPromise['tx'][string][string]>, signer: KeyringPair): Promise<string | null>;
}

/** A chain and an unmodified client; both end with the test. */
export async function openRig(chosen: DevnetOptions = options(), cleanup: typeof onTestFinished = onTestFinished): Promise<Rig> {
  const abort = new AbortController();
  const devnet = await startDevnet(chosen, abort.signal);
  const api = await connect(devnet.url);
  cleanup(async () => {
    await api.disconnect();
    await devnet.stop();
  });
  return rigOf(devnet, api);
}

export async function connect(url: string): Promise<ApiPromise> {
  return ApiPromise.create({ provider: new WsProvider(url, 100), noInitWarn: true });
}

export function rigOf(devnet: Devnet, api: ApiPromise): Rig {
  const provider = () => (api as unknown as { _rpcCore: { provider: WsProvider } })._rpcCore.provider;
  const send: Rig['send'] = (call, signer) =>
    new Promise((resolve, reject) => {
      let unsubscribe: (() => void) | undefined;
      call
        .signAndSend(signer, (result) => {
          if (result.status.isReady) devnet.sealBlock();
          if (result.status.isInvalid || result.status.isDropped) reject(new Error(result.status.type));
          if (result.status.isInBlock) {
            resolve(result);
            unsubscribe?.();
          }
        })
        .then((end) => {
          unsubscribe = end;
        }, reject);
    });
  return {
    devnet,
    api,
    control: (method, ...params) => provider().send(method, [TOKEN, ...params]),
    seal: (blocks = 1) => {
      for (let i = 0; i < blocks; i++) devnet.sealBlock();
    },
    send,
    async outcome(call, signer) {
      const { dispatchError } = await send(call, signer);
      if (!dispatchError) return null;
      if (!dispatchError.isModule) return dispatchError.isToken ? `Token.${dispatchError.asToken.type}` : dispatchError.type;
      const { section, name } = api.registry.findMetaError(dispatchError.asModule);
      return `${section}.${name}`;
    },
  };
}

/** Storage read by name; the chain's types are not generated here. */
// biome-ignore lint/suspicious/noExplicitAny: decoded by metadata at run time
export const query = (api: ApiPromise, item: string, ...keys: unknown[]): Promise<any> =>
  // biome-ignore lint/style/noNonNullAssertion: a missing item should fail the test
  api.query['subtensorModule']![item]!(...keys);
