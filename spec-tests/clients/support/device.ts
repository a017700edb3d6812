import { EventEmitter } from 'node:events';
import {
  ClientEvent,
  createClient,
  FILTER_RELATED_BY_REL_TYPES,
  FILTER_RELATED_BY_SENDERS,
  type ICreateClientOpts,
  type MatrixClient,
  MatrixEventEvent,
  RoomEvent,
  RoomMemberEvent,
  RoomStateEvent,
  SyncState,
  THREAD_RELATION_TYPE,
  ThreadEvent,
  UserEvent,
} from 'matrix-js-sdk';
import { type CryptoApi, CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/index.js';
import './request-timers.ts';
import { Network } from './network.ts';
import { quietCryptoCore, quietLogger } from './quiet-logger.ts';

const WAIT_MS = 20_000;

/** One client of a server that knows no threads (Dendrite) makes matrix-js-sdk use the old names in the whole process. */
const LATCHED = [FILTER_RELATED_BY_REL_TYPES, FILTER_RELATED_BY_SENDERS, THREAD_RELATION_TYPE];

/** Whatever happens to a client, it emits one of these, */
const CLIENT_NEWS = [
  ClientEvent.Sync,
  ClientEvent.Room,
  ClientEvent.AccountData,
  MatrixEventEvent.Decrypted,
  MatrixEventEvent.Replaced,
  RoomEvent.Timeline,
  RoomEvent.Receipt,
  RoomEvent.Redaction,
  RoomEvent.MyMembership,
  RoomMemberEvent.Typing,
  RoomStateEvent.Members,
  UserEvent.Presence,
  CryptoEvent.DevicesUpdated,
  CryptoEvent.UserTrustStatusChanged,
  CryptoEvent.VerificationRequestReceived,
  CryptoEvent.KeyBackupStatus,
  CryptoEvent.KeyBackupSessionsRemaining,
] as const;

export interface Session {
  baseUrl: string;
  userId: string;
  deviceId: string;
  accessToken: string;
  password: string;
}

export type DeviceOptions = Pick<ICreateClientOpts, 'cryptoCallbacks'> & { lazyLoadMembers?: boolean };

/** or a room that it knows one of these. */
const ROOM_NEWS = [ThreadEvent.New, ThreadEvent.Update, ThreadEvent.NewReply, RoomEvent.UnreadNotifications] as const;

type Answer<T> = T | undefined | null | false;

/** One logged-in client of a user, as a phone or a browser tab: it syncs, encrypts and decrypts. */
export class Device {
  readonly client: MatrixClient;
  readonly #news = new EventEmitter().setMaxListeners(0);
  readonly #network = new Network();

  constructor(
    readonly session: Session,
    private readonly options: DeviceOptions = {},
  ) {
    this.client = createClient({
      baseUrl: session.baseUrl,
      userId: session.userId,
      deviceId: session.deviceId,
      accessToken: session.accessToken,
      fetchFn: this.#network.fetch,
      logger: quietLogger(),
      ...(options.cryptoCallbacks ? { cryptoCallbacks: options.cryptoCallbacks } : {}),
    });
    this.#listen();
  }

  get userId(): string {
    return this.session.userId;
  }

  get crypto(): CryptoApi {
    const crypto = this.client.getCrypto();
    if (crypto === undefined) throw new Error(`${this.userId} has no encryption`);
    return crypto;
  }

  /** Sets up encryption and syncs, until the first sync is complete. */
  async start(): Promise<this> {
    await quietCryptoCore();
    await this.client.initRustCrypto({ useIndexedDB: false });
    await this.client.startClient({
      initialSyncLimit: 20,
      threadSupport: true,
      lazyLoadMembers: this.options.lazyLoadMembers ?? true,
    });
    for (const name of LATCHED) name.setPreferUnstable(false);
    await this.until('is prepared', () => this.client.getSyncState() === SyncState.Prepared || this.isSyncing());
    return this;
  }

  stop(): void {
    this.client.stopClient();
  }

  isSyncing(): boolean {
    return this.client.getSyncState() === SyncState.Syncing;
  }

  /** The cable is pulled: requests under way fail, and no new ones leave. */
  goOffline(): void {
    this.#network.cut();
  }

  /** The cable is back, and the device tries again at once, as it does when the system tells it of a network. */
  async goOnline(): Promise<void> {
    this.#network.mend();
    await this.reconnect();
  }

  /** Syncs again after an interruption that the device has noticed, without the seconds that it would wait. */
  async reconnect(): Promise<void> {
    await this.until('notices the interruption', () => this.client.retryImmediately() || this.isSyncing());
    await this.until('syncs again', () => this.isSyncing());
  }

  /**
   * Waits until `check` gives something, asking again whenever the client has something new.
   * Fails after 20 seconds with `what` was waited for, and what `state` says then.
   */
  async until<T>(what: string, check: () => Answer<T> | Promise<Answer<T>>, state?: () => string): Promise<T> {
    let wake: () => void = () => undefined;
    let news = true;
    let expired = false;
    const happened = () => {
      news = true;
      wake();
    };
    const expire = () => {
      expired = true;
      wake();
    };
    const timer = setTimeout(expire, WAIT_MS);
    this.#news.on('news', happened);
    try {
      while (!expired) {
        news = false;
        const answer = await check();
        if (answer !== undefined && answer !== null && answer !== false) return answer;
        if (!news && !expired) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      clearTimeout(timer);
      this.#news.off('news', happened);
    }
    const seen = state === undefined ? '' : `: ${state()}`;
    throw new Error(`${this.userId} (${this.session.deviceId}) waited ${WAIT_MS} ms: ${what}${seen}`);
  }

  /** Whatever the client or one of its rooms emits becomes news for those who wait in `until`. */
  #listen(): void {
    const tell = () => this.#news.emit('news');
    const client = this.client as unknown as NodeJS.EventEmitter;
    for (const name of CLIENT_NEWS) client.on(name, tell);
    this.client.on(ClientEvent.Room, (room) => {
      for (const name of ROOM_NEWS) (room as unknown as NodeJS.EventEmitter).on(name, tell);
    });
  }
}
