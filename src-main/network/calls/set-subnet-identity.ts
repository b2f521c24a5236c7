import { announcementIn } from '../../../src-shared/profile/announcement.ts';
import { printStoreAddress } from '../../../src-shared/stores/store-address.ts';
import type { CallOf } from '../chain.ts';
import type { CallSpec } from './call.ts';
import type { Arguments } from './decoded.ts';
import { extrinsicOf } from './extrinsic.ts';

/** Names a subnet and announces its run; its owner alone may. */
export const setSubnetIdentity: CallSpec<CallOf<'setSubnetIdentity'>> = {
  names: ['SubtensorModule.set_subnet_identity'],
  build: (session, netuid, { name, repository, contact, url, discord, description, logoUrl, additional }) =>
    extrinsicOf(session, 'SubtensorModule.set_subnet_identity', {
      netuid,
      subnetName: bytes(name),
      githubRepo: bytes(repository),
      subnetContact: bytes(contact),
      subnetUrl: bytes(url),
      discord: bytes(discord),
      description: bytes(description),
      logoUrl: bytes(logoUrl),
      additional: bytes(additional),
    }),
  say: (args) =>
    `name subnet ${args.count('netuid')} "${args.text('subnetName').slice(0, 64)}"${announced(args)}`,
};

function announced(args: Arguments): string {
  const found = announcementIn(args.text('additional'));
  if (!found) return '';
  const { block, profileHash, store } = found;
  return `, and announce the run ${profileHash.slice(0, 16)}… in ${printStoreAddress(store)} (as of block ${block})`;
}

/** As bytes: the client library takes text that begins with 0x for hex. */
const bytes = (text: string): string => `0x${Buffer.from(text, 'utf8').toString('hex')}`;
