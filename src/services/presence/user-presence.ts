/** Whether somebody is about. Source: https://spec.matrix.org/v1.19/client-server-api/#presence */
export type PresenceState = 'online' | 'unavailable' | 'offline';

/** After this long without a sync of a device, the device is gone. Longer than any sync waits. */
const GONE_AFTER_MS = 90_000;
/** After this long without a sign of the user, somebody who is online counts as idle. */
const IDLE_AFTER_MS = 5 * 60_000;
/** For this long after such a sign, the user counts as active right now. */
const ACTIVE_FOR_MS = 60_000;

/** After this long without a word from their server, users of another one count as gone. */
const TOLD_FOR_MS = 30 * 60_000;

interface DevicePresence {
  readonly state: 'online' | 'unavailable';
  readonly seenAt: number;
}

/** What others are told. */
export interface PresenceView {
  readonly state: PresenceState;
  readonly statusMsg: string | undefined;
  readonly currentlyActive: boolean;
}

/** The presence of one user, put together from their devices. */
export class UserPresence {
  readonly userId: string;
  view: PresenceView = { state: 'offline', statusMsg: undefined, currentlyActive: false };
  /** When the user last did something; undefined if never seen. */
  lastActiveAt: number | undefined;
  private readonly devices = new Map<string, DevicePresence>();
  /** What the user's own server has told, and when; undefined for users of this one. */
  private tale: { readonly view: PresenceView; readonly at: number } | undefined;
  private statusMsg: string | undefined;

  constructor(userId: string) {
    this.userId = userId;
  }

  /** A device has synced. */
  seen(deviceId: string, state: 'online' | 'unavailable', now: number): void {
    if (this.view.state === 'offline' && state === 'online') this.lastActiveAt = now;
    this.devices.set(deviceId, { state, seenAt: now });
  }

  /** The user has done something. */
  active(now: number): void {
    this.lastActiveAt = now;
  }

  /** The user says so, on one of their devices. `offline` is meant for all of them. */
  set(deviceId: string, state: PresenceState, statusMsg: string | undefined, now: number): void {
    this.statusMsg = statusMsg;
    this.lastActiveAt = now;
    if (state === 'offline') this.devices.clear();
    else this.devices.set(deviceId, { state, seenAt: now });
  }

  /** The user's own server says so. */
  told(view: PresenceView, lastActiveAt: number | undefined, now: number): void {
    this.tale = { view, at: now };
    this.lastActiveAt = lastActiveAt ?? this.lastActiveAt;
  }

  /** Looks at the clock; answers whether others see a difference. */
  refresh(now: number): boolean {
    for (const [deviceId, { seenAt }] of this.devices) {
      if (now - seenAt >= GONE_AFTER_MS) this.devices.delete(deviceId);
    }
    const next = this.tale ? this.viewTold(this.tale, now) : this.viewNow(now);
    const before = this.view;
    this.view = next;
    return (
      before.state !== next.state ||
      before.statusMsg !== next.statusMsg ||
      before.currentlyActive !== next.currentlyActive
    );
  }

  private viewTold({ view, at }: { view: PresenceView; at: number }, now: number): PresenceView {
    return now - at < TOLD_FOR_MS ? view : { ...view, state: 'offline', currentlyActive: false };
  }

  private viewNow(now: number): PresenceView {
    const inactiveFor = this.lastActiveAt === undefined ? Number.POSITIVE_INFINITY : now - this.lastActiveAt;
    const state = this.stateNow(inactiveFor);
    const currentlyActive = state === 'online' && inactiveFor < ACTIVE_FOR_MS;
    return { state, statusMsg: this.statusMsg, currentlyActive };
  }

  private stateNow(inactiveFor: number): PresenceState {
    if (this.devices.size === 0) return 'offline';
    const isOnline = [...this.devices.values()].some(({ state }) => state === 'online');
    return isOnline && inactiveFor < IDLE_AFTER_MS ? 'online' : 'unavailable';
  }
}
