import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);

/** The sources of the pages: esbuild takes them as they are, so they are not in the build. */
const PAGES = ['../page', '../../../../spec-tests/clients/page']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(join(path, 'chat.ts')));

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface PageServer {
  origin: string;
  close(): Promise<void>;
}

/** A page, its script bundled, and the files that it loads from other packages by these names. */
export async function servePage(name: 'chat' | 'hydrogen', assets: Record<string, string>): Promise<PageServer> {
  if (PAGES === undefined) throw new Error('the sources of the pages are not there');
  const bundled = await build({
    entryPoints: [join(PAGES, `${name}.ts`)],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    define: { global: 'globalThis' },
    external: ['fs', 'path', 'crypto'],
    logLevel: 'silent',
    write: false,
  });
  const files = new Map<string, Uint8Array>([
    [`/${name}.html`, await readFile(join(PAGES, `${name}.html`))],
    [`/${name}.js`, bundled.outputFiles[0]?.contents ?? new Uint8Array()],
  ]);
  for (const [path, file] of Object.entries(assets)) files.set(path, await readFile(file));
  return listen(files);
}

/** A file of an installed package. */
export function packageFile(packageName: string, path: string): string {
  const found = require.resolve.paths(packageName)?.map((folder) => join(folder, packageName, path));
  const file = found?.find((candidate) => existsSync(candidate));
  if (file === undefined) throw new Error(`${packageName} has no ${path} (looked in ${dirname(found?.[0] ?? '')})`);
  return file;
}

async function listen(files: Map<string, Uint8Array>): Promise<PageServer> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    const content = files.get(path);
    response.writeHead(content === undefined ? 404 : 200, {
      'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    });
    response.end(content);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    origin: `http://localhost:${address.port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
