/** One target of an SRV record. */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  readonly priority: number;
  readonly weight: number;
}

/** What was found, and for how many milliseconds it holds. */
export interface Found<T> {
  readonly values: readonly T[];
  readonly ttlMs: number;
}

/** Where names are looked up. */
export interface NameSource {
  /** IP addresses. Empty where the name does not exist or has none. @throws OutgoingError `name-failed` */
  addresses(host: string): Promise<Found<string>>;
  /** SRV records of `_service._proto.host`. Empty where there are none. @throws OutgoingError `name-failed` */
  services(name: string): Promise<Found<ServiceRecord>>;
}
