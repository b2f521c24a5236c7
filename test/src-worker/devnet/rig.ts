import { ApiPromise, WsProvider } from '@polkadot/api';
import type { SubmittableExtrinsic } from '@polkadot/api/types';
import type { KeyringPair } from '@polkadot/keyring/types';
import type { ISubmittableResult } from '@polkadot/types/types';
import { onTestFinished } from 'vitest';
import type { DevnetOptions } from '../../../src-shared/contract/devnet.ts';
import { type Devnet, startDevnet } from '../../../src-worker/devnet/start.ts';

import { NETUID, options, TOKEN } from './genesis.ts';

export * from './genesis.ts';

export type Tx = SubmittableExtrinsic<'promise'>;

export interface Rig {
  readonly devnet: Devnet;
  readonly api: ApiPromise;
  /** Calls a devnet_* method. */
  control(method: string, ...params: unknown[]): Promise<unknown>;
  /** Seals blocks; resolves when the client has heard of them. */
  seal(blocks?: number): Promise<void>;
  /** Signs, submits and seals; resolves once in a block. */
  send(call: Tx, signer: KeyringPair): Promise<ISubmittableResult>;
  /** The error's name when the call failed, else null. */
  outcome(call: Tx, signer: KeyringPair): Promise<string | null>;
}

/** A chain and an unmodified client; both end with the test. */
export async function openRig(
  chosen: DevnetOptions = options(),
  cleanup: typeof onTestFinished = onTestFinished,
): Promise<Rig> {
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
  return ApiPromise.create({ provider: new WsProvider(url, 100) as never, noInitWarn: true });
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
    seal: async (blocks = 1) => {
      for (let i = 0; i < blocks; i++) devnet.sealBlock();
      await api.rpc.system.name();
    },
    send,
    async outcome(call, signer) {
      const { dispatchError } = await send(call, signer);
      if (!dispatchError) return null;
      if (!dispatchError.isModule)
        return dispatchError.isToken ? `Token.${dispatchError.asToken.type}` : dispatchError.type;
      const { section, name } = api.registry.findMetaError(dispatchError.asModule);
      return `${section}.${name}`;
    },
  };
}

// The chain's types are not generated for the client, so these take names.
// biome-ignore lint/suspicious/noExplicitAny: decoded by metadata at run time
type Decoded = any;

export const query = (api: ApiPromise, path: string, ...keys: unknown[]): Promise<Decoded> => {
  const [pallet = '', item = ''] = path.split('.');
  return api.query[pallet]![item]!(...keys);
};

export const call = (api: ApiPromise, path: string, ...args: unknown[]): Tx => {
  const [pallet = '', name = ''] = path.split('.');
  return api.tx[pallet]![name]!(...args);
};

export const runtimeApi = (api: ApiPromise, path: string, ...args: unknown[]): Promise<Decoded> => {
  const [name = '', method = ''] = path.split('.');
  return api.call[name]![method]!(...args);
};

export const freeRao = async (api: ApiPromise, address: string): Promise<bigint> =>
  (await query(api, 'system.account', address)).data.free.toBigInt();

export const stakeAlpha = async (api: ApiPromise, hotkey: string): Promise<bigint> =>
  (await query(api, 'subtensorModule.totalHotkeyAlpha', hotkey, NETUID)).toBigInt();

/** Events of a result as `section.method`. */
export const eventNames = (result: ISubmittableResult): string[] =>
  result.events.map(({ event }) => `${event.section}.${event.method}`);
