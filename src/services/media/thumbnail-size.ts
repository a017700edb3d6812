export interface ThumbnailSize {
  readonly width: number;
  readonly height: number;
  /** `crop` fills the size, `scale` keeps the whole picture within it. */
  readonly method: 'crop' | 'scale';
}

/**
 * The configured size for an asked one: the smallest that is large enough, else the largest. Of another method only
 * if the asked one has none.
 */
export function nearestSize(asked: ThumbnailSize, configured: readonly ThumbnailSize[]): ThumbnailSize | undefined {
  const sameMethod = configured.filter(({ method }) => method === asked.method);
  const bySize = [...(sameMethod.length > 0 ? sameMethod : configured)].sort((a, b) => area(a) - area(b));
  return bySize.find(({ width, height }) => width >= asked.width && height >= asked.height) ?? bySize.at(-1);
}

function area({ width, height }: ThumbnailSize): number {
  return width * height;
}
