/**
 * The calls that Butterfly makes, by the chain's own names: which key signs each, and whether it spends. What spends
 * is signed only after the subnet was found to be the expected one; a key signs no call that is not its own.
 */
interface CallTraits {
  readonly signedBy: 'hotkey' | 'coldkey';
  /** Takes TAO or alpha out of the signer's hands, beyond the fee. */
  readonly spends: boolean;
}

export const chainCalls = {
  'SubtensorModule.burned_register': { signedBy: 'coldkey', spends: true },
  'SubtensorModule.register_limit': { signedBy: 'coldkey', spends: true },
  'SubtensorModule.add_stake_limit': { signedBy: 'coldkey', spends: true },
  'SubtensorModule.start_call': { signedBy: 'coldkey', spends: false },
  'SubtensorModule.serve_axon': { signedBy: 'hotkey', spends: false },
  'SubtensorModule.set_weights': { signedBy: 'hotkey', spends: false },
  'Commitments.set_commitment': { signedBy: 'hotkey', spends: false },
} as const satisfies Readonly<Record<string, CallTraits>>;

export type CallName = keyof typeof chainCalls;

export const callNames = Object.keys(chainCalls) as readonly CallName[];

/** The calls that a key of this kind may sign. */
export const callsOf = (signedBy: CallTraits['signedBy']): readonly CallName[] =>
  callNames.filter((name) => chainCalls[name].signedBy === signedBy);
