import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopStack } from '../../src-node/stop-stack.ts';
import { parameterCount } from '../../src-shared/model/layout.ts';
import type { Profile } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { median } from '../../src-shared/reduce/norms.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { callsOf } from '../net/calls.ts';
import { type Ended, type Group, openGroup } from '../net/group.ts';
import { whyNoNetwork } from '../net/ip.ts';
import { openNetwork } from '../net/network.ts';
import { type Figure, figure, unmeasured } from '../report/figures.ts';
import type { PublisherCalls } from './uplink-publisher.ts';
import { makeFolder, portOf } from './upload-rig.ts';

const NAME = 'publish-uplink-share';
const HELD = { floor: 1.1, goal: 1.02 } as const;
const MEMBERS = 4;
const UP_BITS_PER_S = 50e6;
const PAIRS = 5;
/** 27.3 million parameters: 55 MB, of which each of four sends one and a half times as much. */
const SHAPE = { layers: 8, width: 512, heads: 8, context: 64, vocab: 4_096 };
/** More than goes out before and beside an exchange: it is under way from beginning to end. */
const UPLOAD_BYTES = 256_000_000;
/** An upload that has had the line for so long is at its pace, and has filled what there is of queues. */
const UNDER_WAY_BYTES = 20_000_000;
/** From a contribution to the exchange: a block of the practice, the least that a shipped profile has. */
const LEAD_MS = 1_000;
const LOOK_EVERY_MS = 50;
const UPLOAD_WAIT_MS = 60_000;

/**
 * How much longer an all-reduce takes with an upload under way at one of its members: four members, each behind a line of
 * 50 Mbit of its own, and the rule by which the host holds uploads while a round averages. Each exchange with one is
 * followed or preceded by one without.
 */
export async function publishUplinkShare(): Promise<Figure> {
  const why = await whyNoNetwork();
  if (why !== null) return unmeasured(NAME, 'times', why, HELD);
  const stops = stopStack({ limitMs: UPLOAD_WAIT_MS });
  try {
    const home = await mkdtemp(join(tmpdir(), 'bench-uplink-'));
    stops.push('folder', () => rm(home, { recursive: true, force: true }));
    const line = { upBitsPerS: UP_BITS_PER_S };
    const network = await openNetwork([...Array.from({ length: MEMBERS }, () => line), { upBitsPerS: null }]);
    stops.push('network', network.stop);
    const [first] = network.places;
    const store = network.places.at(-1)!;
    const group = await openGroup(network.places.slice(0, MEMBERS), profile(), home);
    stops.push('group', group.stop);
    const address = await network.loopbackTo(first!, store);
    const sink = store.fork(new URL('./sink-hub.ts', import.meta.url), [address]);
    stops.push('store', () => sink.disconnect());
    const url = `http://${address}:${await portOf(sink)}`;
    const child = first!.fork(new URL('./uplink-publisher.ts', import.meta.url));
    const publisher = callsOf<PublisherCalls>(child);
    stops.push('publisher', () => publisher.stop().finally(() => child.disconnect()));
    await publisher.start(join(home, 'publisher'));
    const folder = await makeFolder(join(home, 'state'), 1, UPLOAD_BYTES);
    return await inPairs(group, { publisher, url, folder });
  } finally {
    await stops.stop();
  }
}

interface Upload {
  readonly publisher: ReturnType<typeof callsOf<PublisherCalls>>;
  readonly url: string;
  readonly folder: string;
}

async function inPairs(group: Group, upload: Upload): Promise<Figure> {
  const without: number[] = [];
  const beside: number[] = [];
  const held: number[] = [];
  // Connections have grown their windows by then.
  await whole(group);
  for (let pair = 0; pair < PAIRS; pair++) {
    const turns = [
      async () => void without.push(await whole(group)),
      async () => {
        const { ms, bytes } = await besideUpload(group, upload);
        beside.push(ms);
        held.push(bytes);
      },
    ];
    for (const turn of pair % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const seconds = (times: readonly number[]) => times.map((ms) => (ms / 1_000).toFixed(2)).join(', ');
  return figure(NAME, median(beside) / median(without), 'times', {
    ...HELD,
    seen:
      `${MEMBERS} members, ${((2 * parameterCount(SHAPE)) / 1e6).toFixed(1)} MB each; without ${seconds(without)} s, ` +
      `beside an upload ${seconds(beside)} s, of which ${(median(held) / 1e6).toFixed(2)} MB came meanwhile`,
  });
}

/** @returns ms of an exchange in which every chunk of everybody was taken */
async function whole(group: Group, begin: () => Promise<unknown> = async () => {}): Promise<number> {
  await group.prepare();
  await begin();
  const ended = await group.exchange();
  for (const one of ended) demandWhole(one);
  return Math.max(...ended.map(({ ms }) => ms));
}

async function besideUpload(group: Group, { publisher, url, folder }: Upload) {
  let before = 0;
  const ms = await whole(group, async () => {
    const began = await publisher.received(url);
    await publisher.upload(url, folder);
    await receivedFrom(began + UNDER_WAY_BYTES, { publisher, url });
    await publisher.setAveraging(true);
    await sleep(LEAD_MS);
    before = await publisher.received(url);
  });
  const bytes = (await publisher.received(url)) - before;
  await publisher.endUpload();
  await publisher.setAveraging(false);
  return { ms, bytes };
}

/** Waits for so many bytes. @returns how many they were when that was seen */
async function receivedFrom(
  least: number,
  { publisher, url }: Pick<Upload, 'publisher' | 'url'>,
): Promise<number> {
  const deadlineMs = performance.now() + UPLOAD_WAIT_MS;
  for (;;) {
    const bytes = await publisher.received(url);
    if (bytes >= least) return bytes;
    if (performance.now() > deadlineMs) throw new Error('the upload has not come under way');
    await sleep(LOOK_EVERY_MS);
  }
}

/** Else a late member would cost its own share, and the exchange no time. */
function demandWhole({ ms, report }: Ended): void {
  const isWhole =
    report?.elementsShare === 1 &&
    report.members.every(({ takenShare }) => takenShare === null || takenShare === 1);
  if (!isWhole)
    throw new Error(`an exchange of ${ms.toFixed(0)} ms was not whole: ${JSON.stringify(report)}`);
}

/** Everybody is waited for: no chunk closes before the whole time has passed. */
function profile(): Profile {
  const nobody = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY' as Ss58;
  const given = practiceProfile({
    witness: nobody,
    ownerColdkey: nobody,
    endpoint: 'ws://127.0.0.1:1',
    bootstrap: [],
  });
  const { consensus } = given;
  const deadlines = { exchangeBlocks: 120, slackMs: 5_000 };
  return {
    ...given,
    consensus: { ...consensus, model: SHAPE, reduce: { ...consensus.reduce, ...deadlines } },
  };
}
