/** In UTF-16 code units. */
export const MAX_INSTANCE_ID = 512;

/**
 * The `instance_id` of a network that an application service bridges: one of its own for every pair of them.
 * Source: https://spec.matrix.org/v1.19/client-server-api/#get_matrixclientv3thirdpartyprotocols
 *
 * @param networkId the `network_id` of a protocol instance
 */
export function instanceIdOf(appserviceId: string, networkId: string): string {
  return `${appserviceId.replace(/[%|]/g, encodeURIComponent)}|${networkId}`;
}
