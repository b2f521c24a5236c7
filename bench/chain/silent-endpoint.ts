import { openNetwork } from '../../src-main/network/network.ts';
import { startDevnet } from '../../src-worker/devnet/start.ts';
import { type Figure, figure } from '../report/figures.ts';
import { startWire } from './wire.ts';

/** The pace of the real chain: by it the client measures silence. */
const BLOCK_MS = 12_000;
const HEADS_BEFORE = 3;

/** Seconds from a proxy's last head, while it goes on answering, to a new session. */
export async function silentEndpoint(): Promise<Figure> {
  const life = new AbortController();
  const { signal } = life;
  const devnet = await startDevnet(
    {
      dataDir: null,
      port: 0,
      seed: '07'.repeat(32),
      blockMs: BLOCK_MS,
      genesisTimeMs: Date.now(),
      controlToken: 'token of this bench',
      accounts: [],
      subnets: [],
    },
    signal,
  );
  const wire = await startWire(devnet.url);
  const network = await openNetwork({ endpoints: [wire.url], log: () => undefined, signal });
  try {
    const heads = Promise.withResolvers<void>();
    let told = 0;
    network.on('head', () => ++told === HEADS_BEFORE && heads.resolve());
    await heads.promise;
    wire.muteNotices();
    const fromMs = performance.now();
    const left = Promise.withResolvers<void>();
    const back = Promise.withResolvers<void>();
    network.on('connection', (connected) => (connected ? back : left).resolve());
    await left.promise;
    await back.promise;
    const seconds = (performance.now() - fromMs) / 1_000;
    const seen = `on a chain of ${BLOCK_MS / 1_000} s`;
    return figure('silent-endpoint-s', seconds, 's', { floor: 60, goal: 30, seen });
  } finally {
    await network.stop();
    await wire.stop();
    life.abort();
    await devnet.stop();
  }
}
