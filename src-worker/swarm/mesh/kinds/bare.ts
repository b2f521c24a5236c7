/** Without the peer id that libp2p appends. */
export const bareAddress = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '');
