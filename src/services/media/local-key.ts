/** The key of the bytes of a file of this server. */
export function localKey(mediaId: string): string {
  return `local/${mediaId}`;
}
