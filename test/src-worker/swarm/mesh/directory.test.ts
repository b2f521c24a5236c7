import { expect, it } from 'vitest';
import type { Ss58 } from '../../../../src-shared/units.ts';
import { MAX_ADDRESSES_PER_PEER } from '../../../../src-worker/swarm/limits.ts';
import { Directory } from '../../../../src-worker/swarm/mesh/directory.ts';
import type { BindingDoor } from '../../../../src-worker/swarm/mesh/hello.ts';

/** Takes the text of a binding for its hotkey. */
const door = { verify: (hotkey: string) => ({ hotkey, peerKey: 'aa', seq: 1 }) } as unknown as BindingDoor;
const him = 'him' as Ss58;
const at = (...addresses: string[]) => ({ binding: him, addresses });
const relayed = '/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5/p2p-circuit';
const isAway = () => false;

it('a member that is away is looked for where it was known, and where others say that it is now', async () => {
  const directory = new Directory(door);
  await directory.learnAll([at('/ip4/8.8.8.8/tcp/1')], isAway);
  await directory.learnAll([at(relayed, '/ip4/8.8.8.8/tcp/1')], isAway);
  expect(directory.get(him)?.record.addresses).toEqual([relayed, '/ip4/8.8.8.8/tcp/1']);
});

it('what others say of one that is connected changes nothing', async () => {
  const directory = new Directory(door);
  await directory.learnAll([at('/ip4/8.8.8.8/tcp/1')], isAway);
  await directory.learnAll([at(relayed)], () => true);
  expect(directory.get(him)?.record.addresses).toEqual(['/ip4/8.8.8.8/tcp/1']);
});

it('others add no more addresses than a member may have', async () => {
  const directory = new Directory(door);
  for (let port = 1; port <= 3 * MAX_ADDRESSES_PER_PEER; port++)
    await directory.learnAll([at(`/ip4/8.8.8.8/tcp/${port}`)], isAway);
  expect(directory.get(him)?.record.addresses).toHaveLength(MAX_ADDRESSES_PER_PEER);
});
