import type { ErrorCode } from '../../src-shared/errors/catalogue.ts';

/**
 * Causes that stay until a person does what their own next step says: another try within seconds finds the same, and
 * five of them would only hide it. A port is waited for, where a killed start may still have it, before a child needs it.
 */
const hopeless: ReadonlySet<ErrorCode> = new Set([
  'CORPUS_CORRUPT',
  'DEVNET_ADDRESS_INVALID',
  'DEVNET_STATE_FOREIGN',
  'ENGINE_UNAVAILABLE',
  'PEER_ADDRESS_UNUSABLE',
  'PEER_PORT_IN_USE',
  'PORT_IN_USE',
  'PROGRAM_FILE_DAMAGED',
  'PROGRAM_FILE_MISSING',
  'PROGRAM_REPLACED',
  'RUNTIME_MISSING',
  'STATE_FOREIGN',
]);

export const isHopeless = (code: ErrorCode): boolean => hopeless.has(code);
