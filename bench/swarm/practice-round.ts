import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusDir } from '../../src-main/entry-path.ts';
import { onProcessor } from '../../src-shared/contract/train.ts';
import { profileHash } from '../../src-shared/profile/profile.ts';
import type { Consensus } from '../../src-shared/profile/schema.ts';
import { practiceProfile } from '../../src-shared/profile/shipped.ts';
import { addressOf } from '../../src-shared/rounds/ss58.ts';
import { spoolFiles, spoolFolder } from '../../src-shared/spool.ts';
import { hex, type Ss58 } from '../../src-shared/units.ts';
import { TrainProcess } from '../../test/src-worker/train/process.ts';

const MEMBERS = 4;
const ROUND = 0;
const BLOCK = hex('b1'.repeat(32));

export interface PracticeRound {
  readonly consensus: Consensus;
  /** What each member moved away from the common base in a whole round, in float32. */
  readonly pseudoGradients: readonly Float32Array[];
}

let round: Promise<PracticeRound> | null = null;

/** The first round of a practice: four members, each with the pages that its hotkey draws; made once for all figures. */
export function practiceRound(): Promise<PracticeRound> {
  round ??= trainRound();
  return round;
}

async function trainRound(): Promise<PracticeRound> {
  const keyOf = (member: number) => addressOf(new Uint8Array(32).fill(member + 1));
  const at = { witness: keyOf(MEMBERS), ownerColdkey: keyOf(MEMBERS + 1) };
  const { consensus } = practiceProfile({ ...at, endpoint: 'ws://127.0.0.1:1', bootstrap: [] });
  const pseudoGradients: Float32Array[] = [];
  for (let member = 0; member < MEMBERS; member++)
    pseudoGradients.push(await trainMember(consensus, keyOf(member)));
  return { consensus, pseudoGradients };
}

async function trainMember(consensus: Consensus, hotkey: Ss58): Promise<Float32Array> {
  const root = await mkdtemp(join(tmpdir(), 'butterfly-bench-round-'));
  const spoolDir = join(root, 'spool');
  const child = new TrainProcess();
  try {
    await child.start({
      ...{ stateDir: join(root, 'state'), spoolDir, corpusDir: corpusDir(), consensus, hotkey, trains: true },
      ...{ profileHash: profileHash(consensus), engine: onProcessor(2) },
      ...{ freeBytes: null, lostInUse: null, adversary: null },
    });
    const { maxStepsPerRound } = consensus.inner;
    const last = child.step(({ round: of, innerStep }) => of === ROUND && innerStep === maxStepsPerRound);
    await child.call('openRound', { round: ROUND, blockHash: BLOCK });
    await last;
    await child.call('contribute', { round: ROUND, codec: 'f32', medianNorm: null });
    const bytes = await readFile(join(spoolDir, spoolFolder(ROUND), spoolFiles.contribution));
    return new Float32Array(new Uint8Array(bytes).buffer);
  } finally {
    await child.kill('SIGKILL');
    await rm(root, { recursive: true });
  }
}
