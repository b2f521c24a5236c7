import * as v from 'valibot';
import type { CallOf } from '../chain.ts';
import { parse, smallUint } from '../storage.ts';
import type { CallSpec } from './call.ts';
import { happened } from './effects.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Puts another hotkey in the place of this one on the subnet, with its stake. The chain takes a fee for it. */
export const swapHotkey: CallSpec<CallOf<'swapHotkey'>> = {
  names: ['SubtensorModule.swap_hotkey'],
  build: (session, netuid, { hotkey, newHotkey }) =>
    extrinsicOf(session, 'SubtensorModule.swap_hotkey', { hotkey, newHotkey, netuid }),
  say(args) {
    const netuid = parse(v.nullable(smallUint), args.plain('netuid') ?? null);
    const where = netuid === null ? 'all subnets' : `subnet ${netuid}`;
    return `replace ${args.account('hotkey')} by ${args.account('newHotkey')} on ${where}`;
  },
  effect: (events) => happened(events, 'HotkeySwappedOnSubnet') ?? happened(events, 'HotkeySwapped'),
};
