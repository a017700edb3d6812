import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** Screens on which pages are looked at: one that is held in a hand, and the picture of a stream. */
export const PHONE = { viewport: { width: 390, height: 760 }, hasTouch: true };
export const STREAM = { viewport: { width: 1280, height: 720 } };

/** Where the tests put a picture of what they saw. */
export const PICTURES = join(tmpdir(), 'igchat-screenshots');

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @param flags further ones for its command line */
export function launchBrowser(executablePath: string, flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: [...FLAGS, ...flags] });
}

/** A fresh window; what the page complains of is collected in `complaints`. */
export async function openWindow(browser: Browser, complaints: string[]): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  return page;
}

export interface VisitOptions extends BrowserContextOptions {
  /** What is done before the page is loaded. */
  readonly prepare?: (page: Page) => unknown;
}

/** The page at an address, for somebody who has never been there; what it and its console complain of is collected. */
export async function openPage(
  browser: Browser,
  url: string,
  complaints: string[],
  { prepare, ...options }: VisitOptions = {},
): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await prepare?.(page);
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (line) => {
    if (line.type() === 'error') complaints.push(line.text());
  });
  await page.goto(url);
  return page;
}

export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
