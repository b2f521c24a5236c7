import { AppError } from '../../src-shared/errors/app-error.ts';
import type { Conversation } from './conversation.ts';
import { PASSWORD_TRIES } from './limits.ts';

/**
 * Asks for the password of a file until it opens: who mistypes has lost nothing. Each one is wiped once it was tried.
 * @throws {AppError} KEY_PASSWORD_WRONG of the last try; CANCELLED, and whatever else `open` throws, at once
 */
export async function behindPassword<T>(
  question: string,
  open: (password: Uint8Array) => Promise<T>,
  talk: Conversation,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    const password = await talk.askHidden(question);
    try {
      return await open(password);
    } catch (thrown) {
      const isWrong = thrown instanceof AppError && thrown.code === 'KEY_PASSWORD_WRONG';
      if (!isWrong || tried === PASSWORD_TRIES) throw thrown;
      // One byte changed in what is sealed looks the same.
      talk.say('That is not its password, or the file is damaged.');
      talk.say('Capitals, blanks and the language of the keyboard count.');
    } finally {
      password.fill(0);
    }
  }
}
