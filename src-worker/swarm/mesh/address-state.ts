import type { AddressState } from '../../../src-shared/contract/swarm.ts';

/** Tells states only when one of them changed. */
export function whenDifferent(
  tell: (states: readonly AddressState[]) => void,
): (states: readonly AddressState[]) => void {
  let told = '[]';
  return (states) => {
    const text = JSON.stringify(states);
    if (text === told) return;
    told = text;
    tell(states);
  };
}
