import * as scure from '@scure/sr25519';
import type { VerifySr25519 } from '../src-shared/rounds/binding.ts';

/** In the signing context "substrate". Bytes of another length are no signature, and no reason to stop. */
export const verifySr25519: VerifySr25519 = (message, signature, publicKey) => {
  try {
    return scure.verify(message, signature, publicKey);
  } catch {
    return false;
  }
};
