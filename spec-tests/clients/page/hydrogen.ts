/** The whole of Hydrogen, as its own web application starts it. It speaks `r0` of the client-server API. */
import { createNavigation, createRouter, FeatureSet, Platform, RootViewModel } from 'hydrogen-view-sdk';

const container = document.querySelector('#app');
if (container === null) throw new Error('there is no #app');

const platform = new Platform({
  container,
  assetPaths: {
    downloadSandbox: '/download-sandbox.html',
    worker: '/main.js',
    serviceWorker: '/sw.js',
    olm: { wasm: '/olm.wasm', legacyBundle: '/olm_legacy.js', wasmBundle: '/olm.js' },
  },
  config: { defaultHomeServer: new URLSearchParams(location.search).get('homeserver') },
  options: { development: false },
});
const navigation = createNavigation();
platform.setNavigation(navigation);
await platform.init();
const urlRouter = createRouter({ navigation, history: platform.history });
urlRouter.attach();
const features = await FeatureSet.load(platform.settingsStorage);
const root = new RootViewModel({ platform, navigation, urlRouter, features });
await root.load();
platform.createAndMountRootView(root);
