/** What the server itself has to say: to all who watch, to every account, and in channels for the platform. */

import type { JsonObject } from '../../protocol/json.ts';
import type { SendOnce } from '../../services/timeline/send-once.ts';
import type { Timeline } from '../../services/timeline/timeline.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { liveArea } from '../store/live-area.ts';
import type { LiveRoom } from './live-rooms.ts';
import { NOTICE_BLOCK } from './notice-block.ts';

export interface SystemNoticesParts {
  readonly storage: Storage;
  readonly once: SendOnce;
  readonly timeline: Pick<Timeline, 'send'>;
  readonly serviceUser: string;
  /** Writes a frame to every socket. */
  readonly tellAll: (text: string) => void;
  /** Tells one account; undefined where the server has no notices for accounts. */
  readonly tellAccount:
    | ((userId: string, content: JsonObject, txnId: string, admin: string) => Promise<void>)
    | undefined;
  onFault(error: unknown): void;
}

export interface SystemNotice {
  readonly level: 'info' | 'warning' | 'critical';
  readonly text: string;
  readonly url?: string | undefined;
}

const PAGE = 500;

export class SystemNotices {
  readonly #parts: SystemNoticesParts;

  constructor(parts: SystemNoticesParts) {
    this.#parts = parts;
  }

  /** Tells everybody. The same `key` tells each account once. Answers how many accounts were told. */
  async tell(admin: string, { level, text, url }: SystemNotice, key: string): Promise<number> {
    const { storage, tellAll, tellAccount, onFault } = this.#parts;
    tellAll(JSON.stringify({ op: 'sys', level, text, url }));
    if (!tellAccount) return 0;
    const content = { msgtype: 'm.text', body: url === undefined ? text : `${text}\n${url}` };
    let told = 0;
    for (let after = ''; ; ) {
      const page = await storage.readArea(liveArea, (store) => store.people(after, PAGE));
      for (const { user_id } of page) {
        try {
          await tellAccount(user_id, content, `sys ${key}`, admin);
          told += 1;
        } catch (error) {
          onFault(error);
        }
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return told;
      after = last.user_id;
    }
  }

  /** A notice of the platform in a channel, as of a subscription; the same `key` says it once. Answers the event. */
  notice({ roomId }: LiveRoom, kind: string, body: string, data: JsonObject, key: string): Promise<string> {
    const { once, timeline, serviceUser } = this.#parts;
    const attempt = { userId: serviceUser, deviceId: 'live', operation: 'liveNotice', params: [roomId], txnId: key };
    const content = { msgtype: 'm.notice', body, [NOTICE_BLOCK]: { kind, data } };
    return once.run(attempt, (transaction) =>
      timeline.send(
        roomId,
        { type: 'm.room.message', sender: serviceUser, content },
        { transaction, isAdmitted: true },
      ),
    );
  }
}
