/** How the page for any site looks: as large as its frame, readable on a phone, dark or light as people like it. */
export const embedStyle = `
:root {
  color-scheme: light dark; --ground: #fff; --ink: #1c1b22; --faint: #6b6878; --line: #e6e4ee; --raised: #f5f4fa;
  --accent: #6d3bd9; --on-accent: #fff; --name-light: 36%; --focus: #8a5cf6; --warm: #fff6e0;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Color Emoji", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) { --ground: #15141b; --ink: #ecebf3; --faint: #9f9bb0; --line: #2b2936; --raised: #1f1d28;
    --accent: #9b6dff; --on-accent: #120a24; --name-light: 72%; --warm: #2d2614 }
}
:root[data-theme=dark] { color-scheme: dark; --ground: #15141b; --ink: #ecebf3; --faint: #9f9bb0; --line: #2b2936;
  --raised: #1f1d28; --accent: #9b6dff; --on-accent: #120a24; --name-light: 72%; --warm: #2d2614 }
:root[data-theme=light] { color-scheme: light }
* { box-sizing: border-box }
[hidden] { display: none !important }
html, body { height: 100%; margin: 0 }
body { display: grid; grid-template-rows: auto minmax(0, 1fr) auto; background: var(--ground); color: var(--ink);
  position: relative; overflow: hidden }
header { display: flex; align-items: center; gap: .6rem; padding: .6rem .9rem; border-bottom: 1px solid var(--line) }
h1 { font-size: 1rem; margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; min-width: 0 }
#status { background: #d7263d; color: #fff; font-size: .68rem; font-weight: 700; letter-spacing: .06em; padding: .12rem .4rem;
  border-radius: .3rem }
#viewers, #state { color: var(--faint); font-size: .8rem; white-space: nowrap }
main { position: relative; min-height: 0 }
#lines { height: 100%; margin: 0; padding: .5rem .4rem; list-style: none; overflow-y: auto;
  display: flex; flex-direction: column; overscroll-behavior: contain;
  scrollbar-width: thin; scrollbar-color: var(--line) transparent }
.line { padding: .22rem .5rem; border-radius: .4rem; overflow-wrap: anywhere }
.line:first-child { margin-top: auto }
.line:hover { background: var(--raised) }
.line.first { box-shadow: inset 3px 0 var(--accent); border-radius: 0 }
.line.notice { background: var(--warm); margin: .3rem 0; padding: .5rem .7rem; border-radius: 0; box-shadow: inset 3px 0 #e0a100 }
.line.action .text { font-style: italic }
.name { color: hsl(var(--hue) var(--saturation) var(--name-light)) }
.colon { color: var(--faint) }
.badge { display: inline-grid; place-items: center; width: 1.15em; height: 1.15em; margin-right: .25em; border-radius: .25em;
  font-size: .82em; line-height: 1; vertical-align: .06em; color: #fff; background: #6b6878; font-style: normal }
.badge.streamer { background: #d7263d } .badge.moderator { background: #1a7f4b } .badge.vip { background: #c2378f }
.badge.sub { background: #6d3bd9 } .badge.partner { background: #1f6fd6 } .badge.supporter { background: #c9472b }
#more { position: absolute; left: 50%; bottom: .7rem; transform: translateX(-50%); border: 0; border-radius: 2rem;
  padding: .5rem 1.1rem; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer;
  box-shadow: 0 2px 12px #0005 }
footer { border-top: 1px solid var(--line); padding: .5rem .7rem calc(.5rem + env(safe-area-inset-bottom)) }
#reactions { display: flex; gap: .3rem; margin-bottom: .4rem; flex-wrap: wrap }
.reaction { border: 1px solid var(--line); background: var(--raised); border-radius: 1rem; min-width: 2.75rem; min-height: 2.2rem;
  font-size: 1.05rem; cursor: pointer }
.reaction:active { transform: scale(.9) }
#write { display: flex; gap: .4rem; margin: 0 }
#text { flex: 1; min-width: 0; padding: .65rem .8rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--raised); color: inherit; font: inherit; font-size: 16px }
#text::placeholder { color: var(--faint); opacity: 1 }
#send, #sign-in { min-height: 2.75rem; padding: 0 1.1rem; border: 0; border-radius: .6rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer }
#sign-in { width: 100% }
button:disabled, #text:disabled { opacity: .55; cursor: default }
#hint { min-height: 0; color: var(--faint); font-size: .85rem; margin: .3rem .1rem 0 } #hint:empty { display: none }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
#sky { position: absolute; right: .5rem; bottom: 0; width: 7rem; height: 60%; pointer-events: none; overflow: hidden }
.rising { position: absolute; bottom: 0; left: var(--x); font-size: 1.5rem; opacity: 0; animation: rise 1.8s var(--wait) ease-out }
@keyframes rise { 10% { opacity: 1 } 100% { opacity: 0; transform: translateY(-14rem) rotate(12deg) } }
@media (prefers-reduced-motion: no-preference) { .line { animation: come .16s ease-out } }
@keyframes come { from { opacity: 0; transform: translateY(.3rem) } }
@media (prefers-reduced-motion: reduce) { #sky { display: none } .reaction:active { transform: none } }
@media (max-width: 22rem) { #viewers { display: none } }
`;
