import { EventType, type IContent, KnownMembership, type MatrixEvent, Preset, type Room } from 'matrix-js-sdk';
import type { Device } from './device.ts';

const MEGOLM = { algorithm: 'm.megolm.v1.aes-sha2' };

/** Opens a room with these people, encrypted unless told otherwise, and waits until everyone sees everyone in it. */
export async function openRoom(
  creator: Device,
  guests: Device[],
  options: { direct?: boolean; encrypted?: boolean; name?: string } = {},
): Promise<string> {
  const encrypted = options.encrypted ?? true;
  const { room_id: roomId } = await creator.client.createRoom({
    preset: options.direct ? Preset.TrustedPrivateChat : Preset.PrivateChat,
    is_direct: options.direct ?? false,
    invite: guests.map((guest) => guest.userId),
    ...(options.name === undefined ? {} : { name: options.name }),
    initial_state: encrypted ? [{ type: EventType.RoomEncryption, state_key: '', content: MEGOLM }] : [],
  });
  await Promise.all(guests.map((guest) => acceptInvite(guest, roomId)));
  const everyone = [creator, ...guests];
  await Promise.all(
    everyone.map((device) => seesMembers(device, roomId, new Set(everyone.map(({ userId }) => userId)).size)),
  );
  return roomId;
}

/** Waits for the invitation and accepts it. */
export async function acceptInvite(guest: Device, roomId: string): Promise<void> {
  await guest.until('is invited', () => guest.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite);
  await guest.client.joinRoom(roomId);
}

export function seesMembers(device: Device, roomId: string, count: number): Promise<Room> {
  const room = () => device.client.getRoom(roomId);
  return device.until(
    `sees ${count} members`,
    () => (room()?.getJoinedMemberCount() === count ? room() : undefined),
    () => `it sees ${room()?.getJoinedMemberCount()}`,
  );
}

/** The room as this device knows it. */
export function roomOf(device: Device, roomId: string): Room {
  const room = device.client.getRoom(roomId);
  if (room === null) throw new Error(`${device.userId} does not know ${roomId}`);
  return room;
}

/** Sends a text and gives the id of its event. */
export async function say(device: Device, roomId: string, text: string): Promise<string> {
  const { event_id: eventId } = await device.client.sendTextMessage(roomId, text);
  return eventId;
}

/** Waits until the event has arrived and is readable: decrypted, where it was encrypted. */
export function reads(device: Device, roomId: string, eventId: string): Promise<MatrixEvent> {
  const event = () => device.client.getRoom(roomId)?.findEventById(eventId);
  return device.until(
    `reads ${eventId}`,
    () => readable(event()),
    () => describe(event()),
  );
}

/** Waits until every device reads `text` in this event. */
export async function allRead(devices: Device[], roomId: string, eventId: string): Promise<IContent[]> {
  const events = await Promise.all(devices.map((device) => reads(device, roomId, eventId)));
  return events.map((event) => event.getContent());
}

/** Waits until a device can encrypt for another one. */
export async function knowsDevice(device: Device, other: Device): Promise<void> {
  const { userId, deviceId } = other.session;
  await device.until(`hears of ${deviceId}`, async () =>
    (await device.crypto.getUserDeviceInfo([userId])).get(userId)?.has(deviceId),
  );
}

function readable(event: MatrixEvent | undefined): MatrixEvent | undefined {
  if (event === undefined || event.status !== null) return undefined;
  if (event.isBeingDecrypted() || event.isDecryptionFailure()) return undefined;
  return event.isEncrypted() && event.getClearContent() === null ? undefined : event;
}

function describe(event: MatrixEvent | undefined): string {
  if (event === undefined) return 'it has not arrived';
  return event.isDecryptionFailure() ? `it cannot be decrypted (${event.decryptionFailureReason})` : 'it is encrypted';
}
