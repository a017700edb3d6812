/** A small chat on matrix-js-sdk with its crypto core, as a browser runs it: IndexedDB, WebAssembly, CORS. */
import {
  ClientEvent,
  createClient,
  EventType,
  KnownMembership,
  type MatrixClient,
  type MatrixEvent,
  MatrixEventEvent,
  Preset,
  RoomEvent,
  SyncState,
} from 'matrix-js-sdk';

const MEGOLM = { algorithm: 'm.megolm.v1.aes-sha2' };

let client: MatrixClient;
let openRoomId: string | undefined;

onSubmit('login', async ({ homeserver = '', user = '', password = '' }) => {
  const answer = await createClient({ baseUrl: homeserver }).loginRequest({
    type: 'm.login.password',
    identifier: { type: 'm.id.user', user },
    password,
    initial_device_display_name: 'the chat page',
  });
  client = createClient({
    baseUrl: homeserver,
    userId: answer.user_id,
    deviceId: answer.device_id,
    accessToken: answer.access_token,
  });
  await client.initRustCrypto();
  for (const name of [RoomEvent.Timeline, RoomEvent.MyMembership, RoomEvent.LocalEchoUpdated] as const) {
    client.on(name, show);
  }
  client.on(MatrixEventEvent.Decrypted, show);
  client.on(ClientEvent.Sync, (state) => {
    if (state !== SyncState.Prepared) return;
    element('self').textContent = answer.user_id;
    element('login').hidden = true;
    element('chat').hidden = false;
    show();
  });
  await client.startClient({ lazyLoadMembers: true });
});

onSubmit('open', async ({ guest = '' }) => {
  const { room_id: roomId } = await client.createRoom({
    preset: Preset.TrustedPrivateChat,
    is_direct: true,
    invite: [guest],
    initial_state: [{ type: EventType.RoomEncryption, state_key: '', content: MEGOLM }],
  });
  openRoomId = roomId;
  show();
});

onSubmit('composer', async ({ text = '' }) => {
  if (openRoomId !== undefined) await client.sendTextMessage(openRoomId, text);
});

function show(): void {
  element('rooms').replaceChildren(...client.getRooms().map((room) => roomItem(room.roomId, room.name)));
  const room = client.getRoom(openRoomId);
  element('room').textContent = room?.name ?? 'No room is open';
  const messages = room?.getLiveTimeline().getEvents().filter(isMessage) ?? [];
  element('timeline').replaceChildren(...messages.map(messageItem));
}

function roomItem(roomId: string, name: string): HTMLElement {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.textContent = name;
  button.onclick = () => attempt(() => enter(roomId));
  item.append(button);
  return item;
}

async function enter(roomId: string): Promise<void> {
  if (client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite) await client.joinRoom(roomId);
  openRoomId = roomId;
  show();
}

function isMessage(event: MatrixEvent): boolean {
  return [EventType.RoomMessage, EventType.RoomMessageEncrypted].some((type) => event.getType() === type);
}

function messageItem(event: MatrixEvent): HTMLElement {
  const item = document.createElement('li');
  const sender = document.createElement('b');
  sender.textContent = `${event.getSender()} `;
  const text = event.isDecryptionFailure()
    ? `unreadable: ${event.decryptionFailureReason}`
    : event.getContent()['body'];
  item.append(sender, String(text ?? '…'));
  item.dataset['sent'] = String(event.status === null);
  return item;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`there is no #${id}`);
  return found;
}

function onSubmit(id: string, action: (fields: Record<string, string>) => Promise<void>): void {
  const form = element(id) as HTMLFormElement;
  form.onsubmit = (event) => {
    event.preventDefault();
    const fields = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    attempt(async () => {
      await action(fields);
      form.reset();
    });
  };
}

function attempt(action: () => Promise<void>): void {
  element('problem').textContent = '';
  action().catch((error: unknown) => {
    element('problem').textContent = String(error);
  });
}
