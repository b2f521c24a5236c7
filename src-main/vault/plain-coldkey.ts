import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Ss58 } from '../../src-shared/units.ts';
import { openAccountKey, signable } from './account-key.ts';
import { type Approval, heldTo } from './approval.ts';

/** A coldkey that lies open, for what a person looked over and agreed to: any call, as long as it is that one. */
export interface PlainColdkey {
  readonly address: Ss58;
  /**
   * The file is read for each signature, and what was read is not kept.
   * @throws {AppError} KEY_FILE_ABSENT, KEY_FILE_CONTRADICTS, KEY_USE_REFUSED, or of the file
   */
  sign(payload: Uint8Array, approval: Approval): Promise<Uint8Array>;
}

export function plainColdkey({
  path,
  address,
}: {
  readonly path: string;
  readonly address: Ss58;
}): PlainColdkey {
  const demandApproved = heldTo(address);
  return {
    address,
    async sign(payload, approval) {
      const key = await openAccountKey(path);
      if (!key) throw new AppError('KEY_FILE_ABSENT', { path });
      if (key.address !== address) throw new AppError('KEY_FILE_CONTRADICTS', { path, part: 'ss58Address' });
      demandApproved(payload, approval);
      return key.sign(signable(payload));
    },
  };
}
