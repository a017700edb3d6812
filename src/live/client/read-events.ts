/** Tells each event of a stream of server-sent events. https://html.spec.whatwg.org/multipage/server-sent-events.html */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  take: (data: string) => void,
  heard: () => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
      if (line.trimEnd() !== '' || data.length === 0) continue;
      const text = data.join('\n');
      data = [];
      take(text);
    }
  }
}
