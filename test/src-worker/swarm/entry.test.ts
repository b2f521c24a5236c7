import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import * as scure from '@scure/sr25519';
import { expect, it } from 'vitest';
import { entryPath } from '../../../src-main/entry-path.ts';
import { bindingBytes, encodeBinding } from '../../../src-shared/rounds/binding.ts';
import { addressOf } from '../../../src-shared/rounds/ss58.ts';
import { testConsensus, testMember, ZERO } from './round.ts';

const entry = entryPath('swarm');

/** Messages of a child in order; `next` waits for one of a kind, while heartbeats and events pass by. */
function mailOf(child: ReturnType<typeof fork>) {
  const waiting: Record<string, unknown>[] = [];
  let wake = () => {};
  // Kept from the start: several may come in one turn, and whoever listened for one at a time would miss some.
  child.on('message', (message) => {
    waiting.push(message as Record<string, unknown>);
    wake();
  });
  return async (kind: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const message = waiting.shift();
      if (message?.kind === kind || message?.kind === 'fatal') return message;
      if (!message) await new Promise<void>((resolve) => (wake = resolve));
    }
  };
}

it('the process answers init, takes calls, and leaves when told', async () => {
  const member = await testMember(5);
  const secret = scure.secretFromSeed(new Uint8Array(32).fill(5));
  const hotkey = addressOf(scure.getPublicKey(secret));
  const consensus = testConsensus();
  const binding = {
    hotkey,
    peerKey: member.key.publicKey,
    netuid: consensus.chain.netuid,
    genesisHash: ZERO,
    notBefore: 0,
    notAfter: 2 ** 40,
    seq: 1,
  };
  const child = fork(entry, [], { serialization: 'advanced', execPath: process.execPath });
  const next = mailOf(child);
  const config = {
    hotkey,
    peerSeed: member.seed,
    binding: encodeBinding(binding, scure.sign(secret, bindingBytes(binding))),
    chainTimeMs: null,
    genesisHash: ZERO,
    runTag: '0123456789abcdef',
    consensus,
    listen: { host: '127.0.0.1', port: 0 },
    bootstrap: [],
    spoolDir: member.spoolDir,
    store: null,
    mapsPort: false,
    mayRelay: true,
  };
  child.send({ kind: 'init', config });
  const ready = await next('ready');
  expect(ready.facts).toMatchObject({
    addresses: [expect.stringMatching(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\//)],
  });
  child.send({ kind: 'call', id: 1, name: 'setMembers', params: { hotkeys: [hotkey], witnesses: [] } });
  expect(await next('result')).toMatchObject({ id: 1 });
  child.send({ kind: 'call', id: 2, name: 'fetchWork', params: { hotkey, round: 1 } });
  expect(await next('failure')).toMatchObject({ id: 2, error: { code: 'PEER_UNREACHABLE' } });
  child.send({ kind: 'stop' });
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  await rm(member.spoolDir, { recursive: true });
});
