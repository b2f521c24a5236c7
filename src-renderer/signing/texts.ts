import { signingTexts } from '../i18n/signing.ts';
import { translator } from '../i18n/translator.ts';

/** The words of this window. */
export const say = translator(signingTexts);
