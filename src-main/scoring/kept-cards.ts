import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../../src-node/durable.ts';
import { readTextBounded } from '../../src-node/read-bounded.ts';
import { encodeSignedText, readSignedText, type SignedText } from '../../src-shared/rounds/signed-text.ts';
import { MAX_CARDS_CHARS } from '../../src-shared/scoring/cards.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { CARDS_KEPT_ROUNDS, SCORES_ASKED_OF } from './limits.ts';
import type { SaidCards } from './score-reader.ts';

/** What validators said and signed of this hotkey in the last rounds, on the disk as it came. */
export interface KeptCards {
  /** One after another; what the disk does not take is told and not kept. */
  keep(said: SaidCards): Promise<void>;
  /** The newest rounds of each validator. Nothing is verified: whoever shows them to others does. */
  all(): Promise<readonly KeptText[]>;
}

export interface KeptText {
  readonly validator: Ss58;
  readonly round: number;
  readonly signed: SignedText;
}

const NAME = /^([1-9A-HJ-NP-Za-km-z]{40,60})-(\d{1,12})\.txt$/;
/** UTF-8 takes up to three bytes for a character of these texts. */
const BYTES_MAX = 3 * MAX_CARDS_CHARS;

export function keptCards(folder: string, problem: (thrown: unknown) => void): KeptCards {
  let turn: Promise<void> = Promise.resolve();

  async function listed(): Promise<readonly (Omit<KeptText, 'signed'> & { readonly name: string })[]> {
    const names = await readdir(folder).catch(() => []);
    return names
      .flatMap((name) => {
        const [, validator, round] = NAME.exec(name) ?? [];
        return validator && round ? [{ name, validator: validator as Ss58, round: Number(round) }] : [];
      })
      .sort((a, b) => b.round - a.round);
  }

  async function write({ set: { validator, round }, signed }: SaidCards): Promise<void> {
    await mkdir(folder, { recursive: true });
    await replaceFile(join(folder, `${validator}-${round}.txt`), encodeSignedText(signed));
    const counts = new Map<Ss58, number>();
    for (const { name, validator: of } of await listed()) {
      const before = counts.get(of) ?? 0;
      // A validator that came new is one more, and the one that spoke longest ago goes.
      const isOver = before >= CARDS_KEPT_ROUNDS || (before === 0 && counts.size >= SCORES_ASKED_OF);
      if (isOver) await rm(join(folder, name), { force: true });
      else counts.set(of, before + 1);
    }
  }

  return {
    keep(said) {
      turn = turn.then(() => write(said)).catch(problem);
      return turn;
    },
    async all() {
      await turn;
      const texts: KeptText[] = [];
      for (const { name, validator, round } of await listed()) {
        const text = await readTextBounded(join(folder, name), BYTES_MAX).catch(() => null);
        const signed = text === null || text === undefined ? null : readSignedText(text);
        if (signed) texts.push({ validator, round, signed });
      }
      return texts;
    },
  };
}
