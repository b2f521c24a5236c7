/** Names of the two messages between preload and main process. */
export const HELLO_CHANNEL = 'butterfly.hello';
export const PORT_CHANNEL = 'butterfly.port';
