/** How the chat looks over a stream: nothing behind it, readable on any picture, the newest line at the bottom. */
export const overlayStyle = `
:root { --size: 22px; --name-light: 68%; --ink: #fff; --edge: #000c; background: transparent;
  font: 500 var(--size)/1.35 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Color Emoji", sans-serif }
:root.light { --name-light: 34%; --ink: #111; --edge: #fffc }
* { box-sizing: border-box }
html, body { height: 100%; margin: 0; background: transparent; overflow: hidden }
body { display: flex; align-items: flex-end }
.on-right body { text-align: right; justify-content: flex-end }
#lines { width: 100%; margin: 0; padding: .5em; list-style: none }
.line { color: var(--ink); padding: .12em .3em; overflow-wrap: anywhere;
  text-shadow: 0 0 .12em var(--edge), 0 .06em .1em var(--edge), .05em 0 .08em var(--edge), -.05em 0 .08em var(--edge) }
.boxed .line { width: fit-content; max-width: 100%; margin-bottom: .25em; padding: .2em .6em; border-radius: .5em;
  background: #000a; text-shadow: none }
.boxed.light .line { background: #fffc } .boxed.on-right .line { margin-left: auto }
.name { color: hsl(var(--hue) var(--saturation) var(--name-light)); font-weight: 700 }
.line.notice { font-weight: 700 } .line.notice::before { content: "📣 " }
.line.action .text { font-style: italic }
.badge { display: inline-grid; place-items: center; width: 1.15em; height: 1.15em; margin-right: .2em; border-radius: .25em;
  font-size: .8em; line-height: 1; vertical-align: .08em; color: #fff; background: #6b6878; text-shadow: none }
.badge.streamer { background: #d7263d } .badge.moderator { background: #1a7f4b } .badge.vip { background: #c2378f }
.badge.sub { background: #6d3bd9 } .badge.partner { background: #1f6fd6 } .badge.supporter { background: #c9472b }
.line.faded { opacity: 0 }
@media (prefers-reduced-motion: no-preference) {
  .line { animation: come .2s ease-out; transition: opacity .9s linear }
  @keyframes come { from { opacity: 0; transform: translateX(-.6em) } }
}
`;
