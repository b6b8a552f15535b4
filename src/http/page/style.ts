/** The style of the search page. */
export const style = `
:root { color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #101418); --card: light-dark(#ffffff, #181e24); --ink: light-dark(#16202a, #e6ebf0);
  --quiet: light-dark(#566473, #98a6b4); --line: light-dark(#d9dfe5, #2b343d); --accent: light-dark(#0b6e6e, #4fc4bd);
  --on-accent: light-dark(#ffffff, #06201f); --fault: light-dark(#a1260d, #ff9a85); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main, footer { max-width: 46rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding: 3.5rem 0 1.5rem; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -.02em; display: flex; align-items: center; gap: .6rem; }
h1 svg { width: 2.1rem; height: 2.1rem; color: var(--accent); }
header p { margin: .35rem 0 0; color: var(--quiet); }
form { display: grid; gap: .75rem; }
.ask { display: flex; gap: .5rem; }
input, select, button { font: inherit; color: inherit; border: 1px solid var(--line); border-radius: .6rem;
  background: var(--card); padding: .65rem .85rem; min-width: 0; }
.ask input { flex: 1; font-size: 1.05rem; }
button { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600;
  cursor: pointer; padding-inline: 1.25rem; }
button:hover { filter: brightness(1.08); }
button[aria-disabled=true] { opacity: .6; cursor: progress; }
:focus-visible { outline: 3px solid color-mix(in srgb, var(--accent) 55%, transparent); outline-offset: 2px; }
.how { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; color: var(--quiet); font-size: .9rem; }
.how label { display: flex; align-items: center; gap: .5rem; }
.how select, .how input { padding: .3rem .5rem; color: var(--ink); }
#key[hidden] { display: none; }
#status { min-height: 1.55em; margin: 1.25rem 0 .75rem; color: var(--quiet); font-size: .9rem; }
#status.fault { color: var(--fault); font-size: 1rem; }
ol { list-style: none; margin: 0; padding: 0; display: grid; gap: .9rem; }
li { background: var(--card); border: 1px solid var(--line); border-radius: .8rem; padding: 1rem 1.15rem; }
li header { padding: 0; display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; }
h2 { font-size: 1.02rem; margin: 0; overflow-wrap: anywhere; }
.score { color: var(--accent); font-variant-numeric: tabular-nums; font-size: .9rem; white-space: nowrap; }
.heading { color: var(--quiet); font-size: .9rem; }
blockquote { margin: .6rem 0; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 16rem; overflow: auto; }
cite { color: var(--quiet); font: .8rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
footer { padding-block: 2.5rem; color: var(--quiet); font-size: .9rem; }
footer a { color: inherit; margin-right: 1rem; }
kbd { border: 1px solid var(--line); border-radius: .3rem; padding: 0 .35rem; background: var(--card); font: inherit; }
@media (max-width: 30rem) { header { padding-top: 2rem; } .ask { flex-direction: column; } }
`;
