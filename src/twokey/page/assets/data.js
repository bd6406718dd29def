// What the page was given, and where each item stands in it. Nothing here changes once the page is there.

document.documentElement.classList.add('scripted'); // the plain text of the items is for readers without scripts

const page = JSON.parse(document.getElementById('payload').textContent);
const items = page.items;
const placeOf = new Map(items.map((item, place) => [item.id, place]));
const ruleOf = new Map(page.rubric.map((rule) => [rule.grade, rule]));
const severities = page.severities.map(([name]) => name);
const certainties = page.certainties.map(([name]) => name);

const END = items.length; // the place after the last item: the summary
const STEP = 10; // how many waiting items are taken at once
