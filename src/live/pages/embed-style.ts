/** How the page for any site looks: as large as its frame, readable on a phone, dark or light as people like it. */
export const embedStyle = `
:root {
  color-scheme: light dark; --ground: #fff; --ink: #1c1b22; --faint: #6b6878; --line: #e6e4ee; --raised: #f5f4fa;
  --accent: #6d3bd9; --on-accent: #fff; --name-light: 36%; --focus: #8a5cf6; --warm: #fff6e0; --grave: #b3202f;
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Color Emoji", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root:not([data-theme=light]) { --ground: #15141b; --ink: #ecebf3; --faint: #9f9bb0; --line: #2b2936; --raised: #1f1d28;
    --accent: #9b6dff; --on-accent: #120a24; --name-light: 72%; --warm: #2d2614; --grave: #ff8e99 }
}
:root[data-theme=dark] { color-scheme: dark; --ground: #15141b; --ink: #ecebf3; --faint: #9f9bb0; --line: #2b2936;
  --raised: #1f1d28; --accent: #9b6dff; --on-accent: #120a24; --name-light: 72%; --warm: #2d2614; --grave: #ff8e99 }
:root[data-theme=light] { color-scheme: light }
* { box-sizing: border-box }
[hidden] { display: none !important }
html, body { height: 100%; margin: 0 }
body { display: grid; grid-template: auto auto minmax(0, 1fr) auto / minmax(0, 1fr); background: var(--ground); color: var(--ink);
  position: relative; overflow: hidden;
  padding: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left) }
header { display: flex; align-items: center; gap: .6rem; padding: .6rem .9rem; border-bottom: 1px solid var(--line) }
h1 { font-size: 1rem; margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; flex: 1; min-width: 0 }
#status { background: #d7263d; color: #fff; font-size: .68rem; font-weight: 700; letter-spacing: .06em; padding: .12rem .4rem;
  border-radius: .3rem }
#viewers, #state { color: var(--faint); font-size: .8rem; white-space: nowrap }
aside { max-height: 55vh; overflow-y: auto }
aside > * { margin: 0; padding: .55rem .9rem; border-bottom: 1px solid var(--line) }
#held { background: var(--raised); box-shadow: inset 3px 0 var(--accent) } #held p { margin: 0; overflow-wrap: anywhere }
#held p::before { content: "✋ " } #held:not([data-count="1"]) .decisions::after { content: "1 of " attr(data-count); align-self: center }
#system, #raid, #pin { display: flex; gap: .6rem; align-items: flex-start }
#system p, #pin p { margin: 0; flex: 1; min-width: 0; overflow-wrap: anywhere }
#system { background: var(--warm) } #system[data-level=error], #system[data-level=critical] { background: #c41e34; color: #fff }
#system a { color: inherit; font-weight: 600 }
#raid { background: var(--accent); color: var(--on-accent); font-weight: 600; align-items: center } #raid .words { flex: 1 }
.stay { border: 1px solid currentcolor; border-radius: .5rem; background: transparent; color: inherit; font: inherit; min-height: 2.2rem;
  padding: 0 .8rem; cursor: pointer }
#pin { background: var(--raised) } #pin p::before { content: "📌 " }
.pinned { max-height: 4.4em; overflow-y: auto }
.close { border: 0; background: transparent; color: inherit; font: inherit; font-size: 1.25rem; line-height: 1; min-width: 2rem;
  min-height: 2rem; margin: -.2rem -.4rem -.2rem 0; border-radius: .4rem; cursor: pointer }
.question { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere }
.answer { position: relative; isolation: isolate; display: flex; gap: .6rem; width: 100%; min-height: 2.5rem; align-items: center;
  margin: .3rem 0; padding: .3rem .8rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--raised); color: inherit;
  font: inherit; text-align: left; overflow: hidden; cursor: pointer }
.answer::before { content: ""; position: absolute; inset: 0 auto 0 0; width: var(--share, 0); z-index: -1;
  background: color-mix(in srgb, var(--accent) 22%, transparent) }
.answer.leads::before { background: color-mix(in srgb, var(--accent) 42%, transparent) }
.answer .words { flex: 1; min-width: 0; overflow-wrap: anywhere } .share { font-variant-numeric: tabular-nums; font-weight: 600 }
.answer[aria-pressed=true] { border-color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent) }
.answer[aria-pressed=true] .words::after { content: " ✓" }
.answer:disabled { opacity: 1; cursor: default } .over .answer:not(.leads) { opacity: .65 }
.poll-note { margin: .4rem 0 0; color: var(--faint); font-size: .85rem }
main { position: relative; min-height: 0 }
#lines { height: 100%; margin: 0; padding: .5rem .4rem; list-style: none; overflow-y: auto;
  display: flex; flex-direction: column; overscroll-behavior: contain;
  scrollbar-width: thin; scrollbar-color: var(--line) transparent }
.line { padding: .22rem .5rem; border-radius: .4rem; overflow-wrap: anywhere; overflow: clip; outline-offset: -3px; flex: none }
.line.unseen { opacity: .6 } .line.unseen::after { content: " 👁"; font-size: .8em }
.line.reported { box-shadow: inset 3px 0 var(--grave); border-radius: 0 } .line.reported::after { content: " ⚑"; color: var(--grave) }
.is-somebody .line { cursor: pointer } .line.chosen { background: var(--raised) }
.quote { display: block; color: var(--faint); font-size: .85em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.menu, .decisions { display: flex; flex-wrap: wrap; gap: .35rem; margin: .35rem 0 .2rem }
.act { min-height: 2.2rem; padding: 0 .8rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); color: inherit;
  font: inherit; font-size: .88rem; cursor: pointer } .act:hover { border-color: var(--accent) }
.act.grave { color: var(--grave) } .act.grave:hover { border-color: var(--grave) }
#answering { display: flex; align-items: center; color: var(--faint); font-size: .85rem; margin-bottom: .3rem }
#answering .words { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.line:first-child, .line.notice:first-child { margin-top: auto }
.line:hover { background: var(--raised) }
.line.first { box-shadow: inset 3px 0 var(--accent); border-radius: 0 }
.line.notice { background: var(--warm); margin: .3rem 0; padding: .5rem .7rem; border-radius: 0; box-shadow: inset 3px 0 #e0a100 }
.line[data-color=blue] { --mark: #1f6fd6 } .line[data-color=green] { --mark: #1a7f4b } .line[data-color=orange] { --mark: #d9691e }
.line[data-color=purple] { --mark: #7a3ff0 }
.line.notice { box-shadow: inset 3px 0 var(--mark, #e0a100) }
.line.notice .text { font-weight: 600 }
.emote { height: 1.75em; width: auto; max-width: 6em; vertical-align: middle; margin: -.2em .05em }
.line.action .text { font-style: italic }
.name { color: hsl(var(--hue) var(--saturation) var(--name-light)) }
.colon { color: var(--faint) }
.badge { display: inline-grid; place-items: center; width: 1.15em; height: 1.15em; margin-right: .25em; border-radius: .25em;
  font-size: .82em; line-height: 1; vertical-align: .06em; color: #fff; background: #6b6878; font-style: normal }
.badge.streamer { background: #d7263d } .badge.moderator { background: #1a7f4b } .badge.vip { background: #c2378f }
.badge.sub { background: #6d3bd9 } .badge.partner { background: #1f6fd6 } .badge.supporter { background: #c9472b }
#more { position: absolute; white-space: nowrap; left: 50%; bottom: .7rem; transform: translateX(-50%); border: 0; border-radius: 2rem;
  padding: .5rem 1.1rem; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer;
  box-shadow: 0 2px 12px #0005 }
footer { border-top: 1px solid var(--line); padding: .5rem .7rem calc(.5rem + env(safe-area-inset-bottom)) }
#reactions { display: flex; gap: .3rem; margin-bottom: .4rem; flex-wrap: wrap }
.reaction { border: 1px solid var(--line); background: var(--raised); border-radius: 1rem; min-width: 2.75rem; min-height: 2.2rem;
  font-size: 1.05rem; cursor: pointer }
.reaction:active { transform: scale(.9) }
#picker { display: grid; grid-template-columns: repeat(auto-fill, minmax(2.75rem, 1fr)); gap: .2rem; max-height: 11rem; overflow-y: auto;
  margin-bottom: .4rem; padding: .3rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--raised) }
.choice, #emotes { border: 0; border-radius: .4rem; background: transparent; color: inherit; font-size: 1.25rem; min-height: 2.75rem;
  min-width: 2.75rem; cursor: pointer }
.choice:hover, #emotes:hover { background: var(--line) } .choice .emote { margin: 0 }
#write { display: flex; gap: .4rem; margin: 0 }
#text { flex: 1; min-width: 0; padding: .65rem .8rem; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--raised); color: inherit; font: inherit; font-size: 16px }
#text::placeholder { color: var(--faint); opacity: 1 }
#send, #sign-in, #acknowledge { min-height: 2.75rem; padding: 0 1.1rem; border: 0; border-radius: .6rem; background: var(--accent);
  color: var(--on-accent); font: inherit; font-weight: 600; cursor: pointer }
#sign-in, #acknowledge { width: 100% }
button:disabled, #text:disabled { opacity: .55; cursor: default }
#note { color: var(--faint); font-size: .85rem; margin: .3rem .1rem 0; overflow-wrap: anywhere } #note:not(:has(> :not(:empty))) { display: none }
#wait { font-variant-numeric: tabular-nums }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px }
#sky { position: absolute; right: .5rem; bottom: 0; width: 7rem; height: 60%; pointer-events: none; overflow: hidden }
.rising { position: absolute; bottom: 0; left: var(--x); font-size: 1.5rem; opacity: 0; animation: rise 1.8s var(--wait) ease-out }
@keyframes rise { 10% { opacity: 1 } 100% { opacity: 0; transform: translateY(-14rem) rotate(12deg) } }
@media (prefers-reduced-motion: no-preference) { .line { animation: come .16s ease-out } .answer::before { transition: width .4s } }
@keyframes come { from { opacity: 0; transform: translateY(.3rem) } }
@media (prefers-reduced-motion: reduce) { #sky { display: none } .reaction:active { transform: none } }
@media (max-width: 22rem) { #viewers { display: none } #write { gap: .25rem } #send { padding: 0 .8rem } }
@media (max-height: 26rem) { header { padding: .3rem .9rem } #reactions { display: none } aside { max-height: 35vh } .pinned { max-height: 2.9em } }
`;
