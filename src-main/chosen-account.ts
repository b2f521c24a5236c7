import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../src-node/durable-json.ts';
import { address, digest, shortText } from '../src-shared/contract/fields.ts';
import type { AccountId } from '../src-shared/contract/page/money.ts';
import type { CodedError } from '../src-shared/errors/app-error.ts';
import type { Hex } from '../src-shared/units.ts';

/** An account that a person chose to look at, on the chain that its network's name stood for then. */
export interface ChosenAccount {
  readonly id: AccountId;
  /** null: it was not known yet. A practice that is begun anew has the same name, and other keys. */
  readonly genesis: Hex | null;
}

/** It is kept over a restart. */
export interface ChosenAccountFile {
  readonly known: ChosenAccount | null;
  /** Written behind: a choice that is lost is made again. */
  keep(chosen: ChosenAccount): void;
}

const schema = v.object({
  id: v.object({ network: shortText, coldkey: address }),
  genesis: v.nullable(digest),
});

export async function openChosenAccount(
  dataDir: string,
  told: (error: CodedError) => void,
  log: (line: string) => void,
): Promise<ChosenAccountFile> {
  const file = durableJson({ path: join(dataDir, 'account.json'), schema, told });
  const known = await file.read();
  let writing: Promise<unknown> = Promise.resolve();
  return {
    known: known ?? null,
    keep(chosen) {
      writing = writing
        .then(() => file.write(chosen))
        .catch((error: unknown) => log(`the account that is looked at could not be kept: ${error}`));
    },
  };
}
