/** Where to connect to reach a server, and how to speak there. */
export interface Destination {
  /** Places to try, in this order. */
  readonly targets: readonly Target[];
  /** The `Host` header. */
  readonly hostHeader: string;
  /** The name or IP address that the certificate must be for. */
  readonly certificateName: string;
}

export interface Target {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Where a server is if nothing tells a port. */
export const DEFAULT_PORT = 8448;
