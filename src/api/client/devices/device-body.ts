import type { Device } from '../../../services/devices/devices.ts';

/** A device as the endpoints show it. Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3devices */
export function deviceBody(device: Device) {
  return {
    device_id: device.deviceId,
    ...(device.displayName === undefined ? {} : { display_name: device.displayName }),
    ...(device.lastSeenIp === undefined ? {} : { last_seen_ip: device.lastSeenIp }),
    ...(device.lastSeenTs === undefined ? {} : { last_seen_ts: device.lastSeenTs }),
  };
}
