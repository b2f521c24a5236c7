import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseWords } from '../../../../src-main/commands/parse.ts';
import { type RunOptions, run } from '../../../../src-main/commands/run.ts';
import { announceRun, withdrawRun } from '../../../../src-main/entry/own-run/announce.ts';
import { createRun } from '../../../../src-main/entry/own-run/create.ts';
import type { OwnerAtTerminal } from '../../../../src-main/entry/own-run/order.ts';
import { movedPins, type PinClient, pinProfile } from '../../../../src-main/entry/own-run/pin.ts';
import { publishProfile } from '../../../../src-main/entry/own-run/publish.ts';
import { putAtTerminal } from '../../../../src-main/entry/own-run/put-profile.ts';
import { ownRunAtTerminal } from '../../../../src-main/entry/run-own.ts';
import { findRun } from '../../../../src-main/join/find-run.ts';
import { seenAnnouncements } from '../../../../src-main/join/seen-announcements.ts';
import type { Network } from '../../../../src-main/network/client.ts';
import { openNetwork } from '../../../../src-main/network/network.ts';
import { AppError } from '../../../../src-shared/errors/app-error.ts';
import { profilePath } from '../../../../src-shared/profile/announcement.ts';
import { unpinnedParts } from '../../../../src-shared/profile/pinned.ts';
import { profileHash } from '../../../../src-shared/profile/profile.ts';
import type { Profile } from '../../../../src-shared/profile/schema.ts';
import { shippedConsensus } from '../../../../src-shared/profile/shipped.ts';
import { hex, ss58 } from '../../../../src-shared/units.ts';
import { NETUID, SUBNET_NAME, sealing } from '../../network/rig.ts';
import { type DeskRig, PASSWORD, startDesk } from '../../wallet/desk-rig.ts';

const { signal } = new AbortController();
const put = putAtTerminal({ dataDir: null, token: null });
const witness = ss58('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
const [base] = shippedConsensus();
if (!base) throw new Error('the practice ships');
const digest = hex('cd'.repeat(32));
/** What the process answers, whose own test computes it. */
const pinClient = {
  call: async (name: string, { dataset }: { dataset?: object }) =>
    name === 'pinDataset' ? { ...dataset, manifest: digest } : { digest },
} as unknown as PinClient;

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'own-run-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** An owner who says yes to everything, and what stands on the screen. */
function ownerOf(rig: DeskRig): { readonly owner: OwnerAtTerminal; readonly screen: string[] } {
  const screen: string[] = [];
  const say = (line: string) => void screen.push(line);
  const talk = {
    say,
    ask: async (question: string) => /Type (\S+) to agree/.exec(question)?.[1] ?? '',
    askHidden: async () => new TextEncoder().encode(PASSWORD),
    clear: () => undefined,
  };
  const { desk, network, account } = rig;
  return { owner: { desk, network, account, talk, say }, screen };
}

/** What is final for the one is final for the other, too. */
function caughtUp(network: Network, { network: ahead }: DeskRig): Promise<void> {
  const wanted = ahead.finalized?.number ?? 0;
  return new Promise((resolve) => {
    const look = () => (network.finalized?.number ?? 0) >= wanted && resolve();
    onTestFinished(network.on('finalized', look));
    look();
  });
}

const options = {
  ...{ netuid: NETUID, base, name: 'mine', subnetName: 'My subnet', witnesses: [witness] },
  ...{ bootstrap: ['/ip4/127.0.0.1/tcp/4001'], predecessor: null },
};

async function created(rig: DeskRig): Promise<{ owner: OwnerAtTerminal; screen: string[]; draft: Profile }> {
  const { owner, screen } = ownerOf(rig);
  const draft = await sealing(rig.devnet, createRun(owner, options, signal));
  if (!draft) throw new Error('everything was agreed to');
  return { owner, screen, draft };
}

describe('a run of one’s own', () => {
  it('goes from an empty subnet to one that others find by its number', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner, screen, draft } = await created(rig);
    expect(screen.join('\n')).toContain(`${SUBNET_NAME} → My subnet`);
    expect(unpinnedParts(draft.consensus)).toEqual(['initialWeights.digest']);
    expect(draft.consensus.chain).toEqual({
      netuid: NETUID,
      genesis: rig.network.genesisHash,
      identity: { name: 'My subnet', ownerColdkey: rig.coldkey },
    });

    const pinned = await pinProfile(draft, null, pinClient, signal);
    expect(unpinnedParts(pinned.consensus)).toEqual([]);
    const store = { kind: 'folder', path: await folder() } as const;
    const hash = await publishProfile(
      { ...pinned, local: { ...pinned.local, textFolder: '/home/me' } },
      store,
      put,
      signal,
    );
    expect(await readFile(join(store.path, profilePath(hash)), 'utf8')).not.toContain('/home/me');
    expect(await sealing(rig.devnet, announceRun(owner, pinned, store, signal))).toBe(true);
    expect(screen.join('\n')).toContain(`announce the run ${hash.slice(0, 16)}…`);
    await expect(announceRun(owner, pinned, store, signal)).rejects.toMatchObject({
      code: 'SUBNET_SO_ALREADY',
    });

    // Another computer, which knows the network and the number alone.
    const elsewhere = await openNetwork({ endpoints: [rig.wire.url], log: () => undefined, signal });
    onTestFinished(() => elsewhere.stop());
    const seen = seenAnnouncements(join(await folder(), 'seen.json'), () => undefined);
    const find = () => findRun({ network: elsewhere, netuid: NETUID, store: null }, seen, signal);
    await caughtUp(elsewhere, rig);
    const { announcement, profile } = await find();
    expect(announcement.profileHash).toBe(hash);
    expect(profileHash(profile.consensus)).toBe(hash);

    expect(await sealing(rig.devnet, withdrawRun(owner, NETUID, signal))).toBe(true);
    await caughtUp(elsewhere, rig);
    await expect(find()).rejects.toMatchObject({ code: 'RUN_NOT_ANNOUNCED' });
  });

  it('asks for nothing where the subnet is as the run needs it', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    await created(rig);
    const { owner, screen } = ownerOf(rig);
    await createRun({ ...owner, talk: null }, options, signal);
    expect(screen).toEqual([expect.stringContaining('nothing is to be changed on chain')]);
  });

  it('is not drafted where a change is left', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner } = ownerOf(rig);
    const no = {
      ...owner,
      talk: { say: () => undefined, ask: async () => 'no' } as unknown as OwnerAtTerminal['talk'],
    };
    await expect(createRun(no, options, signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  it('is begun on no subnet of others', async () => {
    const rig = await startDesk();
    await expect(createRun(ownerOf(rig).owner, options, signal)).rejects.toMatchObject({
      code: 'SUBNET_NOT_YOURS',
    });
  });

  it('is not announced by a place that others cannot reach', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner, draft } = await created(rig);
    const pinned = await pinProfile(draft, null, pinClient, signal);
    const store = { kind: 'folder', path: await folder() } as const;
    await publishProfile(pinned, store, put, signal);
    const network = Object.create(owner.network, { endpoint: { value: 'wss://node.example' } });
    await expect(announceRun({ ...owner, network }, pinned, store, signal)).rejects.toMatchObject({
      code: 'STORE_NOT_FOR_OTHERS',
    });
  });

  it('is not announced for others by peers that they cannot reach', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner, draft } = await created(rig);
    const pinned = await pinProfile(draft, null, pinClient, signal);
    const network = Object.create(owner.network, { endpoint: { value: 'wss://node.example' } });
    const store = { kind: 'hub', repository: 'me/run' } as const;
    await expect(announceRun({ ...owner, network }, pinned, store, signal)).rejects.toMatchObject({
      code: 'PROFILE_WITHOUT_PEERS',
    });
  });

  it('follows none of another owner: nothing is ordered for it', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner, screen } = ownerOf(rig);
    const predecessor = { consensus: base, afterRound: 9 };
    await expect(createRun(owner, { ...options, predecessor }, signal)).rejects.toMatchObject({
      code: 'PREDECESSOR_OTHER',
    });
    expect(screen).toEqual([]);
  });

  it('that follows another is published and announced where the other lies, too', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner, draft } = await created(rig);
    const before = await pinProfile(draft, null, pinClient, signal);
    const predecessor = { consensus: before.consensus, afterRound: 9 };
    const next = await createRun(owner, { ...options, name: 'next', predecessor }, signal);
    if (!next) throw new Error('nothing was to be changed');
    const pinned = await pinProfile(next, null, pinClient, signal);
    const store = { kind: 'folder', path: await folder() } as const;
    const missing = { code: 'RUN_PUT_BY_HAND', params: { path: profilePath(profileHash(before.consensus)) } };
    await expect(publishProfile(pinned, store, put, signal)).rejects.toMatchObject(missing);
    await expect(announceRun(owner, pinned, store, signal)).rejects.toMatchObject(missing);
    await publishProfile(before, store, put, signal);
    await expect(publishProfile(pinned, store, put, signal)).resolves.toBe(profileHash(pinned.consensus));
  });

  it('is told what of it was fixed, and comes out otherwise', () => {
    const pinned = { ...base, initialWeights: { ...base.initialWeights, digest } };
    const other = hex('ee'.repeat(32));
    const again = { ...pinned, initialWeights: { ...pinned.initialWeights, digest: other } };
    expect(movedPins(pinned, pinned)).toEqual([]);
    expect(movedPins(pinned, again)).toEqual([expect.stringContaining(`was ${digest}, and is ${other}`)]);
    expect(movedPins({ ...pinned, initialWeights: { seed: 'x', digest: null } }, again)).toEqual([]);
  });

  it('is drafted into no file that is there, and nothing is opened for it', async () => {
    const file = join(await folder(), 'mine.json');
    await writeFile(file, 'mine');
    const words = ['create', file, '--network', 'own=ws://127.0.0.1:9', '--wallet', 'w', '--netuid', '7'];
    const { said } = parseWords(run, words, 'refuse');
    await expect(ownRunAtTerminal(said as RunOptions, signal)).rejects.toMatchObject({
      code: 'RUN_FILE_EXISTS',
    });
  });

  it('is not pinned where its data set is not, and nothing is said of training', async () => {
    const rig = await startDesk({ ownsSubnet: true });
    const { draft } = await created(rig);
    const missing = new AppError('TEXT_NOT_FOUND', { host: 'hub.example', what: 'owner/words' });
    const client = { call: () => Promise.reject(missing) } as PinClient;
    await expect(pinProfile(draft, null, client, signal)).rejects.toMatchObject({
      code: 'DATASET_NOT_PINNED',
      params: { name: 'mine', why: 'hub.example has no owner/words.' },
    });
  });

  it.each<[string, (pinned: Profile) => Profile, string]>([
    [
      'not pinned',
      ({ consensus, local }) => ({
        local,
        consensus: { ...consensus, initialWeights: { seed: 'x', digest: null } },
      }),
      'PROFILE_UNPINNED',
    ],
    [
      'for nobody to ask first',
      ({ consensus, local }) => ({ consensus, local: { ...local, bootstrap: [] } }),
      'PROFILE_WITHOUT_PEERS',
    ],
    [
      'of another chain',
      ({ consensus, local }) => ({
        local,
        consensus: { ...consensus, chain: { ...consensus.chain, genesis: digest } },
      }),
      'CHAIN_IS_ANOTHER',
    ],
    [
      'of another owner',
      ({ consensus, local }) => ({
        local,
        consensus: {
          ...consensus,
          chain: { ...consensus.chain, identity: { name: 'x', ownerColdkey: witness } },
        },
      }),
      'PROFILE_OWNER_OTHER',
    ],
    ['that the store does not give', (pinned) => pinned, 'RUN_PUT_BY_HAND'],
  ])('is not announced by a profile %s', async (_what, changed, code) => {
    const rig = await startDesk({ ownsSubnet: true });
    const { owner, draft } = await created(rig);
    const pinned = changed(await pinProfile(draft, null, pinClient, signal));
    const store = { kind: 'folder', path: await folder() } as const;
    await expect(announceRun(owner, pinned, store, signal)).rejects.toMatchObject({ code });
  });
});
