import { MatrixError } from '../../protocol/errors.ts';
import { membershipIn } from '../../protocol/events/content-readers.ts';
import { type JsonObject, setOwn } from '../../protocol/json.ts';
import type { Storage } from '../../storage/contract/storage.ts';
import { WriteSet } from '../../storage/contract/write-set.ts';
import type { Logger } from '../../util/logger.ts';
import { SerialJobs } from '../../util/serial-jobs.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { MemberProfile, MemberProfiles } from './member-content.ts';
import type { UserRooms } from './user-rooms.ts';

/** How many rooms are told at the same time. */
const CONCURRENCY = 4;

export interface ProfileRoomsParts {
  readonly timeline: Timeline;
  readonly userRooms: UserRooms;
  readonly profiles: MemberProfiles;
  readonly storage: Storage;
  readonly logger: Logger;
}

/** Carries a user's name and avatar into the rooms they are in, in the background; what a stop interrupts goes on at the next start. */
export class ProfileRooms {
  private readonly parts: ProfileRoomsParts;
  /** Of the users whose rooms are to be told. */
  private readonly jobs: SerialJobs<string>;

  constructor(parts: ProfileRoomsParts) {
    this.parts = parts;
    this.jobs = new SerialJobs({
      run: (userId, isStopped) => this.tellRooms(userId, isStopped),
      onFailure: (err) => parts.logger.error({ err }, 'a profile change did not reach the rooms of its user'),
    });
  }

  /** Goes on with what the stop of the server interrupted. */
  async start(): Promise<void> {
    const rows = await this.parts.storage.read((tx) => tx.accounts.withUntoldProfiles());
    for (const { user_id } of rows) this.profileChanged(user_id);
  }

  /** Tells no further room. */
  stop(): Promise<void> {
    return this.jobs.stop();
  }

  profileChanged(userId: string): void {
    this.jobs.add(userId);
  }

  /** Resolves when every room has been told. */
  settled(): Promise<void> {
    return this.jobs.settled();
  }

  private async tellRooms(userId: string, isStopped: () => boolean): Promise<void> {
    const { storage, userRooms } = this.parts;
    const changes = (await storage.read((tx) => tx.accounts.user(userId)))?.untold_profiles ?? 0;
    const rooms = await userRooms.of(userId);
    const left = [...rooms.values()].filter((room) => room.membership === 'join').map((room) => room.roomId);
    const worker = async (): Promise<void> => {
      for (let roomId = left.pop(); roomId !== undefined && !isStopped(); roomId = left.pop()) {
        await this.tellRoom(userId, roomId);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
    if (isStopped() || changes === 0) return;
    await storage.commit(new WriteSet().add('users.profileTold', { user_id: userId, untold_profiles: changes }));
  }

  private async tellRoom(userId: string, roomId: string): Promise<void> {
    const { profiles, timeline } = this.parts;
    try {
      await timeline.change(roomId, async (turn, room) => {
        // Read in the room's turn, so that the last of several changes is what stays.
        const profile = await profiles.memberProfile(userId);
        const content = room.decidedState.get('m.room.member', userId)?.content;
        const isTold = membershipIn(content) !== 'join' || shows(content!, profile);
        if (isTold) return timeline.append(turn, room, []);
        const draft = { type: 'm.room.member', sender: userId, stateKey: userId };
        return timeline.append(turn, room, [{ ...draft, content: withProfile(content!, profile) }]);
      });
    } catch (error) {
      // Some rooms let nobody change their own membership any more.
      if (!(error instanceof MatrixError) || error.status >= 500) throw error;
      this.parts.logger.debug({ roomId, reason: error.message }, 'a room refused a profile change');
    }
  }
}

/** Whether a room shows the user so already: whoever joins just now brings the new profile along, with a reason maybe. */
function shows(content: JsonObject, { displayname, avatar_url: avatar }: MemberProfile): boolean {
  return content['displayname'] === displayname && content['avatar_url'] === avatar;
}

const OF_THE_MOMENT: ReadonlySet<string> = new Set([
  'displayname',
  'avatar_url',
  'reason',
  'join_authorised_via_users_server',
]);

/** The member content with this name and avatar; why and by whose leave somebody came is not repeated. */
function withProfile(content: JsonObject, profile: MemberProfile): JsonObject {
  const changed: JsonObject = {};
  for (const key of Object.keys(content)) if (!OF_THE_MOMENT.has(key)) setOwn(changed, key, content[key]);
  if (profile.displayname !== undefined) changed['displayname'] = profile.displayname;
  if (profile.avatar_url !== undefined) changed['avatar_url'] = profile.avatar_url;
  return changed;
}
