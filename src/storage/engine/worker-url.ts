/** The URL of a worker's module beside `base`: `.ts` when run from source, `.js` from the build. */
export function workerUrl(base: string, name: string): URL {
  return new URL(`./${name}${base.endsWith('.ts') ? '.ts' : '.js'}`, base);
}
