import type { CallRule } from '../../pallet.ts';
import { setIdentity } from '../identity.ts';
import { registerByBurn, registerWithin } from '../neurons.ts';
import { serveAxon, serveAxonTls, servePrometheus } from '../serving.ts';

const ENDPOINT = { netuid: 'u16 as NetUid', version: 'u32', ip: 'u128', port: 'u16', ip_type: 'u8' };
const AXON = { ...ENDPOINT, protocol: 'u8', placeholder1: 'u8', placeholder2: 'u8' };

export const neuronCalls: Readonly<Record<string, CallRule>> = {
  serve_axon: {
    index: 4,
    args: AXON,
    refTime: 30_000_000,
    pays: false,
    run: serveAxon,
  },
  serve_axon_tls: {
    index: 40,
    args: { ...AXON, certificate: 'Vec<u8>' },
    refTime: 30_000_000,
    pays: false,
    run: serveAxonTls,
  },
  serve_prometheus: { index: 5, args: ENDPOINT, refTime: 30_000_000, pays: false, run: servePrometheus },
  set_identity: {
    index: 68,
    args: {
      name: 'Vec<u8>',
      url: 'Vec<u8>',
      github_repo: 'Vec<u8>',
      image: 'Vec<u8>',
      discord: 'Vec<u8>',
      description: 'Vec<u8>',
      additional: 'Vec<u8>',
    },
    refTime: 38_000_000,
    pays: true,
    run: setIdentity,
  },
  burned_register: {
    index: 7,
    args: { netuid: 'u16 as NetUid', hotkey: 'AccountId32 as T::AccountId' },
    refTime: 350_000_000,
    pays: true,
    run: (context, coldkey, { netuid, hotkey }) => registerByBurn(context, coldkey, netuid, hotkey),
  },
};

/** Where a release has it. */
export const registerLimit: CallRule = {
  index: 134,
  args: { netuid: 'u16 as NetUid', hotkey: 'AccountId32 as T::AccountId', limit_price: 'u64' },
  refTime: 350_000_000,
  pays: true,
  run: (context, coldkey, { netuid, hotkey, limit_price: limitRao }) =>
    registerWithin(context, coldkey, { netuid, hotkey, limitRao }),
};
