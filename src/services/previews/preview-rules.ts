import { compileGlob } from '../../protocol/glob.ts';

/** Says which pages are fetched: those that `allow` names, or all if it names none, without those that `deny` names. */
export class PreviewRules {
  readonly #allow: readonly ((text: string) => boolean)[];
  readonly #deny: readonly ((text: string) => boolean)[];

  constructor({ allow, deny }: { readonly allow: readonly string[]; readonly deny: readonly string[] }) {
    this.#allow = allow.map((pattern) => compileGlob(pattern));
    this.#deny = deny.map((pattern) => compileGlob(pattern));
  }

  permits(url: URL): boolean {
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
    if (url.username !== '' || url.password !== '') return false;
    const { hostname, pathname } = url;
    const names = [hostname, hostname + pathname];
    const named = (patterns: readonly ((text: string) => boolean)[]) =>
      patterns.some((matches) => names.some((name) => matches(name)));
    return (this.#allow.length === 0 || named(this.#allow)) && !named(this.#deny);
  }
}
