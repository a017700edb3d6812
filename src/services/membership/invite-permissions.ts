import { inviteBlocked } from '../../protocol/errors.ts';

/** What users have decided on invites. */
export interface InviteChoices {
  /** Whether `userId`, of this server, wants no invite from `inviter`. */
  blocks(userId: string, inviter: string): boolean | Promise<boolean>;
}

/** Whether an invite may be made at all, before the rules of its room are asked. */
export class InvitePermissions {
  private readonly isLocal: (userId: string) => boolean;
  private readonly choices: InviteChoices;
  private readonly make: (userId: string) => Promise<void>;

  /** @param make has a user made who does not exist, if somebody does that for whoever is asked for */
  constructor(isLocal: (userId: string) => boolean, choices: InviteChoices, make: (userId: string) => Promise<void>) {
    this.isLocal = isLocal;
    this.choices = choices;
    this.make = make;
  }

  /**
   * Source: https://spec.matrix.org/v1.19/client-server-api/#invite-permission
   * Users of other servers have decided there.
   * @throws M_INVITE_BLOCKED
   */
  async check(inviter: string, userId: string): Promise<void> {
    if (!this.isLocal(userId)) return;
    await this.make(userId);
    if (await this.choices.blocks(userId, inviter)) throw inviteBlocked(`${userId} does not accept this invite`);
  }
}
