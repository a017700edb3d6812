import { shownMedia } from '../../protocol/events/shown-media.ts';
import type { WriteSet } from '../../storage/contract/write-set.ts';
import type { StateChange, StateOutlet } from '../timeline/current-state-writes.ts';
import type { Room } from '../timeline/room.ts';

/**
 * Remembers which files the state of rooms shows, as a room's picture or its stickers: they stay when messages that show
 * them, too, are deleted. Of members there are too many; the pictures of this server's are in their profiles.
 */
export class StateMedia implements StateOutlet {
  add(set: WriteSet, _room: Room, { before, after }: StateChange): void {
    if ((after ?? before)?.type === 'm.room.member') return;
    for (const mxc of before ? shownMedia(before.json) : []) {
      set.add('media_references.delete', { mxc, event_nid: before!.nid });
    }
    for (const mxc of after ? shownMedia(after.json) : []) {
      set.add('media_references.put', { mxc, event_nid: after!.nid });
    }
  }
}
