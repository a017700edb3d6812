/** What `hydrogen.ts` uses of the package, whose own types are not published as its entry. */
declare module 'hydrogen-view-sdk' {
  export interface HydrogenNavigation {
    readonly path: unknown;
  }
  export interface UrlRouter {
    attach(): void;
  }
  export class Platform {
    constructor(options: {
      container: Element;
      assetPaths: Record<string, unknown>;
      config: Record<string, unknown>;
      options: { development: boolean };
    });
    readonly history: unknown;
    readonly settingsStorage: unknown;
    setNavigation(navigation: HydrogenNavigation): void;
    init(): Promise<void>;
    createAndMountRootView(viewModel: RootViewModel): void;
  }
  export const FeatureSet: { load(storage: unknown): Promise<unknown> };
  export class RootViewModel {
    constructor(options: Record<string, unknown>);
    load(): Promise<void>;
  }
  export function createNavigation(): HydrogenNavigation;
  export function createRouter(options: { navigation: HydrogenNavigation; history: unknown }): UrlRouter;
}
