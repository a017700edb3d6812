import { type Branded, isBoundedText } from './brand.ts';

export type DeviceId = Branded<'DeviceId'>;

/** Whether a client may name its device so: any text of 1 to 255 bytes without NUL. */
export function isDeviceId(text: unknown): text is DeviceId {
  return typeof text === 'string' && text !== '' && isBoundedText(text);
}
