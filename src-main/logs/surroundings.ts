import { homedir, hostname, userInfo } from 'node:os';
import { type Redact, redactor } from './redact.ts';

/** Takes secrets and traces of this computer's user out of texts about this data folder. */
export function ownRedactor(dataDir: string, keepsAddresses: boolean): Redact {
  return redactor({
    home: quietly(homedir),
    user: quietly(() => userInfo().username),
    host: hostname(),
    dataDir,
    keepsAddresses,
  });
}

/** Users without an entry in the system's list have neither; asking throws. */
function quietly(ask: () => string): string {
  try {
    return ask();
  } catch {
    return '';
  }
}
