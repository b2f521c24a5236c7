import type { CallRule } from '../../pallet.ts';
import { registerByBurn } from '../neurons.ts';
import { serveAxon } from '../serving.ts';

export const neuronCalls: Readonly<Record<string, CallRule>> = {
  serve_axon: {
    index: 4,
    args: {
      netuid: 'u16 as NetUid',
      version: 'u32',
      ip: 'u128',
      port: 'u16',
      ip_type: 'u8',
      protocol: 'u8',
      placeholder1: 'u8',
      placeholder2: 'u8',
    },
    refTime: 30_000_000,
    pays: false,
    run: serveAxon,
  },
  burned_register: {
    index: 7,
    args: { netuid: 'u16 as NetUid', hotkey: 'AccountId32 as T::AccountId' },
    refTime: 350_000_000,
    pays: true,
    run: (context, coldkey, { netuid, hotkey }) => registerByBurn(context, coldkey, netuid, hotkey),
  },
};
