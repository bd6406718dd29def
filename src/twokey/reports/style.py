"""The one style of report.html. Its hash stands in the page's content security policy; it holds nothing from data."""

CSS = """
:root{--bg:#fff;--fg:#1c2128;--soft:#57606a;--line:#d0d7de;--card:#f6f8fa;--bad:#ffd8d3;
--pass:#116329;--fail:#a40e26;--wait:#7a4a00;--error:#7d1a86;--off:#57606a;--ink:#0550ae}
@media (prefers-color-scheme:dark){:root{--bg:#0d1117;--fg:#e6edf3;--soft:#a5b0bb;--line:#3d444d;--card:#161b22;
--bad:#5b2320;--pass:#56d364;--fail:#ff9492;--wait:#e9b44c;--error:#e2a0f0;--off:#a5b0bb;--ink:#79c0ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:66rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}footer{padding-bottom:3rem;color:var(--soft);font-size:.875rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .25rem}
h2{font-size:1.2rem;margin:2.25rem 0 .5rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.25rem 0 .25rem}h4{font-size:.95rem;margin:0 0 .35rem}.card>h3{margin-top:0}
p{margin:.35rem 0}ul,ol{margin:.35rem 0;padding-left:1.35rem}li{margin:.2rem 0}
.soft{color:var(--soft);font-size:.875rem}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.86rem}
pre{margin:.2rem 0;padding:.5rem .65rem;background:var(--bg);border:1px solid var(--line);border-radius:6px;
white-space:pre-wrap;max-height:22rem;overflow:auto}
pre.edits{max-height:32rem}pre.edits>*{display:block;min-height:1lh;text-decoration:none}
pre.command{user-select:all;background:var(--card);font-size:.95rem}
.status{white-space:nowrap;font-weight:600}
.pass{color:var(--pass)}.fail,.block{color:var(--fail)}.inconclusive,.needs-decision{color:var(--wait)}
.error{color:var(--error)}.off{color:var(--off)}
.verdict{border:1px solid var(--line);border-left:.5rem solid;border-radius:6px;padding:.75rem 1rem;
background:var(--card);margin-top:1rem}
.verdict>*{color:var(--fg)}.verdict .word{font-size:1.6rem;font-weight:700;color:inherit;margin:0}
.card{border:1px solid var(--line);border-radius:6px;padding:.65rem .9rem;margin:.6rem 0;background:var(--card)}
.strip{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.35rem .9rem}
dl{margin:.35rem 0;display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.2rem .9rem}
dt{color:var(--soft)}dd{margin:0;min-width:0}
table{border-collapse:collapse;width:100%;margin:.5rem 0;font-size:.925rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line)}
thead th{color:var(--soft);font-weight:600;font-size:.85rem}
.small table{width:auto}
tbody th{font-weight:600;min-width:17rem}td.number{font-variant-numeric:tabular-nums}
svg{display:block;max-width:100%}
.axis{stroke:var(--line)}.beyond{fill:var(--bad)}.whisker{stroke:var(--ink);stroke-width:4}
.dot{fill:var(--fg)}.limit{stroke:var(--fail);stroke-width:2;stroke-dasharray:3 2}
.before{fill:none;stroke:var(--fg);stroke-width:1.5}
details{margin:.5rem 0}summary{cursor:pointer;padding:.3rem 0;font-weight:600}
summary:focus-visible,pre:focus-visible{outline:3px solid var(--ink);outline-offset:2px}
mark{background:none;color:inherit;text-decoration:underline wavy 2px var(--wait);text-underline-offset:3px}
del{color:var(--fail)}ins{color:var(--pass);text-decoration-thickness:2px}
@media (max-width:44rem){
dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.4rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table,tbody{display:block}
tr{display:block;border-bottom:1px solid var(--line);padding:.5rem 0}
tbody th,td{display:block;border:0;padding:.1rem 0;position:relative}
tbody th{min-width:0}td{padding-left:6rem}
td::before{content:attr(data-head);position:absolute;left:0;width:5.75rem;color:var(--soft);font-size:.85rem}
.small thead{position:static;width:auto;height:auto;clip-path:none}.small table{display:table}
.small tbody{display:table-row-group}.small tr{display:table-row}.small td::before{content:none}
.small th,.small td{display:table-cell;padding:.2rem .9rem .2rem 0}
}
@media print{body{background:#fff;color:#000}pre,pre.edits{max-height:none}.card,.verdict{break-inside:avoid}}
"""
