import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WeightsPlan } from '../../src-shared/contract/page/weights-plan.ts';
import { type OwnChain, startOwnChain } from './own-chain.ts';
import { startCommand } from './said-process.ts';

/** A round of 20 blocks on a busy machine, and the start of nine processes before the first one. */
const ROUND_LIMIT_MS = 120_000;
const PAY_LIMIT_MS = 120_000;

export interface OwnNetworkOutcome {
  /** For each round by number the base that each of the four says it committed. */
  readonly bases: ReadonlyMap<number, readonly string[]>;
  /** Alpha rao that each miner was paid today, by its own ledger. */
  readonly paidAlphaRao: readonly bigint[];
  /** What the validator says then that it would set. */
  readonly planned: WeightsPlan;
}

/** Rounds in which all four committed the same base. */
export const agreedRounds = ({ bases }: Pick<OwnNetworkOutcome, 'bases'>): number =>
  [...bases.values()].filter((all) => all.length === 4 && new Set(all).size === 1).length;

/**
 * A chain, a validator and three miners, each started by its own command line in a data folder of its own from what
 * the chain wrote; no practice anywhere.
 * @param rounds in which all of them are to agree
 * @param spare so many more are waited for where somebody was too late for one of these
 */
export async function ownNetwork(rounds: number, spare = 0): Promise<OwnNetworkOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'butterfly-own-network-'));
  let chain: OwnChain | undefined;
  try {
    chain = await startOwnChain(folder);
    const { profilePath, validator, miners, dataDirOf } = chain;
    const members = [validator, ...miners].map((name) => chain!.join(name, profilePath));
    let bases: OwnNetworkOutcome['bases'] = new Map();
    for (let told = rounds; told <= rounds + spare && agreedRounds({ bases }) < rounds; told++) {
      const said = await Promise.all(
        members.map((one) => one.said(/^Round \d+ /, told, ROUND_LIMIT_MS * (told + 1))),
      );
      bases = basesOf(said.flatMap((lines) => lines.slice(0, told)));
    }
    const paidAlphaRao = await Promise.all(miners.map((name) => paid(dataDirOf(name))));
    return { bases, paidAlphaRao, planned: await planned(dataDirOf(validator)) };
  } finally {
    await chain?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** From what hosts tell of their rounds. */
export function basesOf(lines: readonly string[]): ReadonlyMap<number, readonly string[]> {
  const bases = new Map<number, readonly string[]>();
  for (const line of lines) {
    const [, round, outcome, base] = /^Round (\d+) (\w+) .*?(?:base ([0-9a-f]{64}))?\.$/.exec(line) ?? [];
    const known = bases.get(Number(round)) ?? [];
    bases.set(Number(round), outcome === 'committed' && base ? [...known, base] : known);
  }
  return bases;
}

/** A dry run of the weights of a host that validates. */
async function planned(dataDir: string): Promise<WeightsPlan> {
  const asked = startCommand(['weights', '--dry-run', '--json', '--data-dir', dataDir]);
  await asked.said(/^\}/, 1, ROUND_LIMIT_MS);
  const { runs } = JSON.parse(asked.lines.join('\n')) as { runs: { plan: WeightsPlan }[] };
  const [one] = runs;
  if (!one) throw new Error('no run sets weights there');
  return one.plan;
}

/** What the running host's own ledger says of today; waits for the first pay. */
async function paid(dataDir: string): Promise<bigint> {
  const deadlineMs = performance.now() + PAY_LIMIT_MS;
  for (;;) {
    const asked = startCommand(['status', '--json', '--data-dir', dataDir]);
    await asked.said(/^\}/, 1, ROUND_LIMIT_MS);
    const { runs } = JSON.parse(asked.lines.join('\n')) as { runs: { todayAlphaRao: string | null }[] };
    const alpha = BigInt(runs[0]?.todayAlphaRao ?? '0');
    if (alpha > 0n || performance.now() > deadlineMs) return alpha;
  }
}
