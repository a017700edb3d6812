/** How the window for signing in looks. */
export const signInStyle = `
:root { color-scheme: light dark; --accent: #6d3bd9; --on-accent: #fff; --wrong: #c41e34;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
@media (prefers-color-scheme: dark) { :root { --accent: #9b6dff; --on-accent: #120a24; --wrong: #ff7d8c } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.2rem }
form { width: 100%; max-width: 22rem }
h1 { font-size: 1.35rem; margin: 0 0 .4rem }
label { display: block; margin-top: .9rem }
input { display: block; width: 100%; margin-top: .3rem; padding: .75rem; border: 1px solid #8888; border-radius: .6rem; font: inherit }
button { width: 100%; margin-top: 1.3rem; padding: .85rem; border: 0; border-radius: .6rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer }
[hidden] { display: none !important }
.provider { margin-top: .7rem; background: transparent; color: inherit; border: 1px solid #8888 }
.provider:hover { border-color: var(--accent) }
#or { margin: 1.1rem 0 0; text-align: center; opacity: .7 }
button:disabled { opacity: .6 }
#problem { color: var(--wrong); min-height: 1.5rem; margin: .8rem 0 0 }
:focus-visible { outline: 3px solid #8a5cf6; outline-offset: 2px }
`;
