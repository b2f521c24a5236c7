import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Names a subnet; its owner alone may. */
export const setSubnetIdentity: CallSpec<CallOf<'setSubnetIdentity'>> = {
  names: ['SubtensorModule.set_subnet_identity'],
  build: (session, netuid, { name, repository, contact, url, discord, description, logoUrl }) =>
    extrinsicOf(session, 'SubtensorModule.set_subnet_identity', {
      netuid,
      subnetName: bytes(name),
      githubRepo: bytes(repository),
      subnetContact: bytes(contact),
      subnetUrl: bytes(url),
      discord: bytes(discord),
      description: bytes(description),
      logoUrl: bytes(logoUrl),
      additional: '0x',
    }),
  say: (args) => `name subnet ${args.count('netuid')} "${args.text('subnetName').slice(0, 64)}"`,
};

/** As bytes: the client library takes text that begins with 0x for hex. */
const bytes = (text: string): string => `0x${Buffer.from(text, 'utf8').toString('hex')}`;
