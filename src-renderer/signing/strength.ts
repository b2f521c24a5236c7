import { PASSWORD_CHARS_MIN } from '../../src-shared/password.ts';

/** Whether a new password is refused; by characters as people count them. */
export const isTooShort = (password: string): boolean => Array.from(password).length < PASSWORD_CHARS_MIN;
