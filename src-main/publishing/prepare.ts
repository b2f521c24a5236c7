import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../src-node/durable.ts';
import { sha256Hex } from '../../src-node/sha256.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import {
  formatTag,
  LINEAGE_FILE,
  MANIFEST,
  type Manifest,
  PROFILE_FILE,
  type StoredFile,
  type UnsignedManifest,
  writeManifest,
} from '../../src-shared/published/manifest.ts';
import type { LineageEntry } from '../../src-shared/rounds/messages.ts';
import type { Hex, Ss58 } from '../../src-shared/units.ts';
import type { ExtraEnv } from '../supervisor/extra-env.ts';
import { APP_VERSION } from '../version.ts';
import { LOSS_CHART, type LossPoint, lossChart, modelCard } from './model-card.ts';
import { withModelProcess } from './model-process.ts';
import { trainedOn } from './trained-on.ts';

/** Profiles name no number of their run; the tag of the subnet's form wants one. */
const RUN_NUMBER = 1;

/** Of whom and what is published. */
export interface PublishedRun {
  readonly hotkey: Ss58;
  readonly profileHash: Hex;
  readonly consensus: Consensus;
  readonly stateDir: string;
  readonly spoolDir: string;
  /** By the hotkey. */
  sign(manifest: Omit<UnsignedManifest, 'hotkey'>): Manifest;
  losses(): Promise<readonly LossPoint[]>;
  /** What is known of it beside its files; asked for when they are made. */
  measured(of: RoundOf): { readonly heldOutLoss: number | null; readonly ownTokens: number | null };
  /** The list of committed rounds that proves the state; with it somebody can join from the store alone. */
  lineage(): readonly LineageEntry[];
}

export interface RoundOf {
  readonly round: number;
  readonly baseDigest: Hex;
  readonly innerStep: number;
}

interface Preparing {
  readonly extraEnv: ExtraEnv;
  log(line: string): void;
}

/**
 * Makes the folder of one publication: files by the process that reads states, then what the host knows of them, then the
 * manifest, signed. What a kill left of an earlier try is made anew.
 * @returns the manifest, of the round that the state stands at by now
 */
export async function prepare(
  run: PublishedRun,
  kind: 'state' | 'update',
  { round, baseDigest, innerStep }: RoundOf,
  into: string,
  { signal, ...ground }: Preparing & { readonly signal: AbortSignal },
): Promise<Manifest> {
  await rm(into, { recursive: true, force: true });
  await mkdir(into, { recursive: true });
  const { hotkey, profileHash, consensus, stateDir, spoolDir } = run;
  const made = await withModelProcess(ground, signal, async (client, limited) => {
    if (kind === 'update')
      return {
        round,
        baseDigest,
        ...(await client.call('exportUpdate', { spoolDir, round, into }, limited)),
      };
    return client.call('exportState', { stateDir, profileHash, hotkey, consensus, into }, limited);
  });
  const described = {
    ...({
      format: 1,
      kind,
      round: made.round,
      baseDigest: made.baseDigest,
      appVersion: APP_VERSION,
    } as const),
    tag: formatTag({ run: RUN_NUMBER, outerStep: made.round + 1, innerStep }),
    run: { name: consensus.name, profileHash },
    trainedOn: trainedOn(consensus.dataset),
    measured: { atMs: Date.now(), ...run.measured({ ...made, innerStep }) },
  };
  const texts = kind === 'state' ? await textsOf(run, { ...described, hotkey }) : {};
  const own: StoredFile[] = [];
  for (const [name, text] of Object.entries(texts)) {
    await replaceFile(join(into, name), text, 0o644);
    own.push({ name, sizeBytes: Buffer.byteLength(text), sha256: sha256Hex(text) });
  }
  const manifest = run.sign({ ...described, files: [...made.files, ...own] });
  await replaceFile(join(into, MANIFEST), writeManifest(manifest), 0o644);
  return manifest;
}

async function textsOf(
  { consensus, losses, lineage }: PublishedRun,
  described: Omit<UnsignedManifest, 'files'>,
): Promise<Readonly<Record<string, string>>> {
  const curve = await losses();
  const chart = lossChart(curve);
  return {
    [PROFILE_FILE]: `${JSON.stringify({ consensus }, null, 2)}\n`,
    [LINEAGE_FILE]: `${JSON.stringify(lineage().filter(({ round }) => round <= described.round))}\n`,
    'README.md': modelCard(described, consensus, curve),
    ...(chart && { [LOSS_CHART]: chart }),
  };
}
