/** A port that a router opened. */
export interface OpenPort {
  readonly by: 'upnp' | 'nat-pmp';
  /** The router's outer address by number, as it says; it may stand behind another router. */
  readonly host: string;
  readonly port: number;
  close(signal: AbortSignal): Promise<void>;
}

/** A router answered and opens nothing. */
export class RouterRefusal extends Error {
  /** Its own number for that: UPnP's error code, or NAT-PMP's result code. */
  readonly number: number;

  constructor(number: number) {
    super(`the router refuses: ${number}`);
    this.number = number;
  }
}

/** One way to ask routers. */
export interface RouterProtocol {
  /**
   * Has a TCP port opened, the same outside where that is free, or renews that.
   * @returns null where no router of this kind answers. @throws {RouterRefusal}
   */
  open(port: number, signal: AbortSignal): Promise<OpenPort | null>;
}
