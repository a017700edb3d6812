/** What a gateway does with what the server tells: what the server does itself for those who are connected to it. */
import type { People } from '../api/gateway/people.ts';
import type { LinkServes } from './link.ts';
import type { ServerNews } from './messages.ts';
import type { RemoteAccess } from './remote-access.ts';
import type { RemoteChannels } from './remote-channels.ts';

export interface TakeNewsParts {
  readonly people: People;
  readonly channels: RemoteChannels;
  readonly access: RemoteAccess;
  onFault(error: unknown): void;
}

export function takeNews({
  people,
  channels,
  access,
  onFault,
}: TakeNewsParts): LinkServes<Record<never, never>, ServerNews>['take'] {
  return {
    tell: ({ user, text, ch }) => people.tell(user, text, ch),
    shut({ user, code, device }) {
      access.forget();
      people.shut(user, code, device);
    },
    shutOverlays: ({ ch, code }) => people.shutOverlays(ch, code),
    shutOut: ({ ch }) => closeTo({ people, channels, access }, ch),
    recheck({ user, ch }) {
      access.forget();
      people.recheck(user, ch).catch(onFault);
    },
    recheckAll({ ch, isPublic }) {
      access.forget();
      channels.setPublic(ch, isPublic);
      people.recheckAll(ch).catch(onFault);
    },
    tellAll: ({ text }) => people.tellAll(text),
    resubscribe({ ch }) {
      access.forget();
      channels.move(ch).catch(onFault);
    },
    lane: (news) => channels.lane(news),
    facts: (news) => channels.facts(news),
    sums: (news) => channels.sums(news),
  };
}

/** Only some may watch a channel from now on: nobody who is not signed in; the others are looked at one by one. */
export function closeTo({ people, channels, access }: Omit<TakeNewsParts, 'onFault'>, channelId: string): void {
  access.shutOut(channelId);
  channels.setPublic(channelId, false);
  people.shutOut(channelId, (userId) => userId !== undefined);
}
