/** Names of the keys in the vault of a run. */
export const HOTKEY = 'default';
export const COLDKEY = 'default-coldkey';
