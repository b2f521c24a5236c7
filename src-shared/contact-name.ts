/** Longest name in the address book: it stands in one line beside an amount, and is shorter than any address. */
export const CONTACT_NAME_CHARS = 40;

/** Names are read beside amounts: nothing invisible and no end of a line may stand in one. */
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]+$/u;

export const isContactName = (text: string): boolean => text.length <= CONTACT_NAME_CHARS && NAME.test(text);
