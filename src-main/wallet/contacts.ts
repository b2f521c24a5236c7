import { join } from 'node:path';
import * as v from 'valibot';
import { durableJson } from '../../src-node/durable-json.ts';
import { turns } from '../../src-node/turns.ts';
import { CONTACT_NAME_CHARS, isContactName } from '../../src-shared/contact-name.ts';
import { address } from '../../src-shared/contract/fields.ts';
import type { Contact } from '../../src-shared/contract/page/money.ts';
import { AppError, type CodedError } from '../../src-shared/errors/app-error.ts';
import { readAddress } from '../../src-shared/typed-address.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { CONTACTS_MAX } from './limits.ts';

/** Addresses to which the user gave a name, kept in the data folder. */
export interface Contacts {
  /** By name. */
  readonly all: readonly Contact[];
  nameOf(address: Ss58): string | null;
  /**
   * Gives an address its name, another one, or none (null).
   * @throws {AppError} ADDRESS_INVALID, CONTACT_NAME_INVALID, CONTACT_NAME_TAKEN, CONTACTS_FULL, or of the disk
   */
  set(address: Ss58, name: string | null): Promise<void>;
}

const contactsSchema = v.pipe(
  v.array(v.object({ address, name: v.pipe(v.string(), v.check(isContactName)) })),
  v.maxLength(CONTACTS_MAX),
);

/** What the address book says, for who only reads it: a host may have it open. */
export const peekContacts = async (dataDir: string): Promise<readonly Contact[]> =>
  (await fileIn(dataDir, () => undefined).peek()) ?? [];

const fileIn = (dataDir: string, told: (error: CodedError) => void) =>
  durableJson({ path: join(dataDir, 'contacts.json'), schema: contactsSchema, told, secondCopy: 'kept' });

/**
 * @param told of a file that is damaged: it is repaired from its copy or set aside
 * @param ownNames of this computer's keys: none of them may stand for another address
 */
export async function openContacts(
  dataDir: string,
  told: (error: CodedError) => void,
  ownNames: () => readonly Contact[],
): Promise<Contacts> {
  const file = fileIn(dataDir, told);
  const inTurn = turns();
  let all: readonly Contact[] = (await file.read()) ?? [];

  async function set(address: Ss58, given: string | null): Promise<void> {
    if (!('address' in readAddress(address))) throw new AppError('ADDRESS_INVALID', { address });
    const others = all.filter((one) => one.address !== address);
    const next =
      given === null
        ? others
        : withName(others, ownNames(), { address, name: given.normalize('NFC').trim() });
    await file.write([...next]);
    all = next;
  }

  return {
    get all() {
      return all;
    },
    nameOf: (address) => all.find((one) => one.address === address)?.name ?? null,
    set: (address, name) => inTurn(() => set(address, name)),
  };
}

function withName(
  others: readonly Contact[],
  own: readonly Contact[],
  { address, name }: Contact,
): readonly Contact[] {
  if (!isContactName(name)) throw new AppError('CONTACT_NAME_INVALID', { most: CONTACT_NAME_CHARS });
  const same = [...others, ...own].find(
    (one) => one.address !== address && one.name.toLowerCase() === name.toLowerCase(),
  );
  if (same) throw new AppError('CONTACT_NAME_TAKEN', { name: same.name, address: same.address });
  if (others.length >= CONTACTS_MAX) throw new AppError('CONTACTS_FULL', { most: CONTACTS_MAX });
  return [...others, { address, name }].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
