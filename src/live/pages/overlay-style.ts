/** How the chat looks over a stream: nothing behind it, readable on any picture, the newest line at the bottom. */
export const overlayStyle = `
:root { --size: 22px; --name-light: 68%; --ink: #fff; --edge: #000c; background: transparent;
  font: 500 var(--size)/1.35 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Color Emoji", sans-serif }
:root.light { --name-light: 34%; --ink: #111; --edge: #fffc }
* { box-sizing: border-box }
html, body { height: 100%; margin: 0; background: transparent; overflow: hidden }
body { display: flex; flex-direction: column; justify-content: flex-end }
.on-right body { text-align: right; align-items: flex-end }
[hidden] { display: none !important }
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
.emote { height: 1.6em; width: auto; max-width: 6em; vertical-align: middle; margin: -.2em .05em }
.line[data-kind=raid]::before { content: "🚀 " } .line[data-kind=sub]::before, .line[data-kind=resub]::before { content: "★ " }
.line[data-kind=gift]::before { content: "🎁 " } .line[data-kind=cheer]::before { content: "🎉 " }
#raid, #poll { align-self: flex-start; margin: .4em .7em; border-radius: .5em; color: #fff; background: #000b; text-align: left }
.light #raid, .light #poll { color: #111; background: #fffd } .on-right #raid, .on-right #poll { align-self: flex-end }
#raid { padding: .4em .8em; font-weight: 700 } #raid::before { content: "🚀 " }
#poll { width: 18em; max-width: calc(100% - 1.4em); padding: .6em .8em }
.question { font-size: 1em; margin: 0 0 .4em; overflow-wrap: anywhere }
.answer { position: relative; isolation: isolate; display: flex; gap: .6em; margin: .25em 0; padding: .18em .6em; border-radius: .35em;
  background: #fff2; overflow: hidden } .light .answer { background: #0001 }
.answer::before { content: ""; position: absolute; inset: 0 auto 0 0; width: var(--share, 0); z-index: -1; background: #8a5cf6aa }
.answer.leads::before { background: #8a5cf6 } .light .answer.leads::before { background: #b79bff }
.answer .words { flex: 1; min-width: 0; overflow-wrap: anywhere } .share { font-variant-numeric: tabular-nums; font-weight: 700 }
.over .answer:not(.leads) { opacity: .6 }
.poll-note { margin: .3em 0 0; font-size: .75em; opacity: .85 }
.quote { display: none }
.line.faded { opacity: 0 }
@media (prefers-reduced-motion: no-preference) {
  .line { animation: come .2s ease-out; transition: opacity .9s linear } .answer::before { transition: width .4s }
  @keyframes come { from { opacity: 0; transform: translateX(-.6em) } }
}
`;
