"""Style and script of the HTML report."""

STYLE = """
:root { --back: #fff; --text: #1f2328; --dim: #59636e; --line: #d1d9e0; --soft: #f6f8fa; --link: #0756b5;
  --add: #dafbe1; --del: #ffebe9; --safe: #1a7f37; --unsafe: #8a5a00; --none: #59636e; --error: #cf222e;
  --c: #59636e; --s: #0a3069; --n: #0550ae; --k: #b3202c; --f: #6639ba; }
@media (prefers-color-scheme: dark) {
  :root { --back: #0d1117; --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --soft: #151b23; --link: #58a6ff;
    --add: #12361f; --del: #4b1a1c; --safe: #3fb950; --unsafe: #d29922; --none: #9198a1; --error: #f85149;
    --c: #9198a1; --s: #a5d6ff; --n: #79c0ff; --k: #ff7b72; --f: #d2a8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--back); color: var(--text);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.2rem; } h3 { font-size: 1rem; margin: .2rem 0; }
a { color: var(--link); } code, pre { font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; }
code { overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { border: 1px solid var(--line); padding: .2rem .6rem; }
th { text-align: left; font-weight: 600; } td:nth-child(n+3) { text-align: right; }
form { position: sticky; top: 0; display: flex; flex-wrap: wrap; gap: 1rem; padding: .6rem 0; background: var(--back);
  border-bottom: 1px solid var(--line); } form[hidden], [hidden] { display: none; }
select { font: inherit; max-width: 20rem; } output { color: var(--dim); }
article { border: 1px solid var(--line); border-radius: 6px; margin: 1rem 0; padding: .6rem 1rem; }
section + section { border-top: 1px solid var(--line); margin-top: .8rem; padding-top: .6rem; }
section > p { margin: .3rem 0; }
.badge { border: 1px solid; border-radius: 1em; padding: 0 .6em; font-size: .8rem; font-weight: normal;
  white-space: nowrap; }
.safe { color: var(--safe); } .unsafe { color: var(--unsafe); } .none { color: var(--none); }
pre { overflow-x: auto; margin: .5rem 0; padding: .5rem; background: var(--soft); border-radius: 4px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; font-weight: 600; } figure { margin: .6rem 0; } figcaption { color: var(--dim); }
.diff ins, .diff del, .diff > span { display: inline-block; min-width: 100%; text-decoration: none; }
.diff ins { background: var(--add); } .diff del { background: var(--del); } .at { color: var(--dim); }
.c { color: var(--c); } .s { color: var(--s); } .n { color: var(--n); } .k { color: var(--k); } .f { color: var(--f); }
footer { color: var(--dim); margin: 2rem 0; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } table { display: block; overflow-x: auto; } }
@media print { form { display: none; } }
"""
"""`.error` and `.warning` are on every finding for those who want to style them."""

# `report.html#code=PF303&fix=safe` opens the page filtered.
SCRIPT = """
(() => {
  const form = document.getElementById("filter");
  if (!form) return;
  form.hidden = false;
  const sections = [...document.querySelectorAll("section")];
  const show = () => {
    let shown = 0;
    for (const section of sections) {
      section.hidden = [...form.elements].some((field) =>
        field.tagName === "SELECT" && field.value && field.value !== "=" + section.dataset[field.name]);
      if (!section.hidden) shown += 1;
    }
    for (const article of document.querySelectorAll("article"))
      article.hidden = !article.querySelector("section:not([hidden])");
    form.querySelector("output").textContent = shown + " of " + sections.length + " shown";
  };
  for (const [name, value] of new URLSearchParams(location.hash.slice(1)))
    if (form.elements[name]?.tagName === "SELECT") form.elements[name].value = "=" + value;
  form.addEventListener("change", show);
  show();
})();
"""
