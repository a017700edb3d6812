/** The texts of the frames that a server has written in one piece: whole ones, plain. */
export function textsIn(chunk: Buffer): string[] {
  const texts: string[] = [];
  for (let at = 0; at < chunk.length; ) {
    const short = chunk[at + 1]!;
    const head = short === 127 ? 10 : short === 126 ? 4 : 2;
    const length = head === 2 ? short : head === 4 ? chunk.readUInt16BE(at + 2) : Number(chunk.readBigUInt64BE(at + 2));
    texts.push(String(chunk.subarray(at + head, at + head + length)));
    at += head + length;
  }
  return texts;
}
