import { type Bench, describeMachine } from './report/figures.ts';
import { checkNames, type Measures, measureEach } from './report/measure.ts';
import { allReduce, memoryPeak } from './swarm/allreduce.ts';
import { bytesOfLowTiers } from './swarm/bytes-1b.ts';
import { codecError } from './swarm/codec-error.ts';
import { dhtGetUnderChurn } from './swarm/dht-get-churn.ts';
import { faultFigures, faultNames } from './swarm/faults.ts';
import { lostReducerVoids } from './swarm/lost-reducer-voids.ts';
import { memoryGrowth } from './swarm/memory-growth.ts';
import { mixedHome, mixedHomeSlowShare } from './swarm/mixed-home.ts';
import { natDirect, natRelay } from './swarm/nat.ts';
import { roundTrend } from './swarm/round-trend.ts';
import { run124m } from './swarm/run-124m.ts';
import { commitMemory, diskUse, longestStretch, settleTime } from './swarm/settling.ts';
import { simVsReal } from './swarm/sim-vs-real.ts';
import { stateFromFourDonors } from './swarm/state-4-donors.ts';
import { streamVersusTcp } from './swarm/stream-vs-raw-tcp.ts';

const measures: Measures = {
  'stream-vs-raw-tcp': streamVersusTcp,
  'allreduce-n2': () => allReduce(2),
  'allreduce-n4': () => allReduce(4),
  'allreduce-n8': () => allReduce(8),
  'memory-peak': memoryPeak,
  'memory-growth': memoryGrowth,
  'dht-get-churn': dhtGetUnderChurn,
  'state-4-donors': stateFromFourDonors,
  'nat-direct-s': natDirect,
  'nat-relay-s': natRelay,
  'error-fp16': () => codecError('fp16', { floor: 5e-4, goal: 5e-4 }),
  'error-int8': () => codecError('int8', { floor: 0.02, goal: 0.01 }),
  'error-4bit': () => codecError('int4', { floor: 0.25, goal: 0.15 }),
  'mixed-home': mixedHome,
  'mixed-home-slow-share': mixedHomeSlowShare,
  'lost-reducer-voids': lostReducerVoids,
  'sim-vs-real': simVsReal,
  'sim-round-8': roundTrend(8),
  'sim-round-64': roundTrend(64),
  'sim-round-256': roundTrend(256),
  'sim-round-1024': roundTrend(1_024),
  'bytes-1b': bytesOfLowTiers,
  'settle-124m-s': settleTime,
  'stretch-124m-ms': longestStretch,
  'commit-memory-mb': commitMemory,
  'disk-bytes-per-param': diskUse,
  'run-124m': run124m,
};

/** What averaging costs and what it keeps. */
export const bench: Bench = async (only) => {
  checkNames(only, [...Object.keys(measures), ...faultNames]);
  const figures = [...(await measureEach(measures, only)), ...(await faultFigures(only))];
  return { machine: describeMachine(), figures };
};
