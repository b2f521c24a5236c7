import { expect, it, onTestFinished } from 'vitest';
import { isWrittenAsKnown, ownBytes } from '../../../src-main/network/calls/own-bytes.ts';
import { openNetwork } from '../../../src-main/network/network.ts';
import { everyCall } from './every-call.ts';
import { NETUID, owner, startTestChain } from './rig.ts';

it('calls of money are written here as the metadata of a chain has them', async () => {
  const devnet = await startTestChain();
  onTestFinished(() => devnet.stop());
  const { signal } = new AbortController();
  const network = await openNetwork({ endpoints: [devnet.url], log: () => undefined, signal });
  onTestFinished(() => network.stop());
  const written = new Set<string>();
  for (const [call] of everyCall) {
    if (!ownBytes(NETUID, call)) continue;
    const { bytes } = await network.money.review(NETUID, call, owner.address, signal);
    expect(isWrittenAsKnown(NETUID, call, bytes), call.kind).toBe(true);
    expect(isWrittenAsKnown(NETUID, call, Uint8Array.of(7, 86, ...bytes.slice(2)))).toBe(
      call.kind === 'transferStake',
    );
    written.add(call.kind);
  }
  expect(written.size).toBe(12);
});
