// A trace as rows: each span below the one that caused it, with a bar for when it ran.

import { $, make } from "./parts.js";

const id = new URLSearchParams(location.search).get("id") ?? "";

async function show() {
  const answer = await fetch(`/trazas/${encodeURIComponent(id)}`);
  if (!answer.ok) {
    $("#problem").textContent = "There is no such trace, or no longer.";
    return;
  }
  const { spans } = await answer.json();
  const begin = Math.min(...spans.map((span) => span.start));
  const end = Math.max(...spans.map((span) => span.start + span.duration / 1000));
  $("tbody").replaceChildren(...inOrder(spans).map(({ span, depth }) => row(span, depth, begin, end - begin)));
}

/** Parents before children, children by their start; a span whose parent is not here stands on its own. */
function inOrder(spans) {
  const known = new Set(spans.map((span) => span.spanId));
  const below = (parent, depth) =>
    spans
      .filter((span) => (known.has(span.parentId) ? span.parentId : null) === parent)
      .sort((one, other) => one.start - other.start)
      .flatMap((span) => [{ span, depth }, ...below(span.spanId, depth + 1)]);
  return below(null, 0);
}

function row(span, depth, begin, length) {
  const bar = make("span", { className: "bar" });
  bar.style.setProperty("--from", `${(100 * (span.start - begin)) / length}%`);
  bar.style.setProperty("--for", `${span.duration / 10 / length}%`);
  const name = make("span", { className: "name" }, span.name);
  name.style.setProperty("--depth", depth);
  const head = make("th", { scope: "row" }, name, bar);
  return make("tr", {}, head, make("td", {}, span.service), make("td", { className: "number" }, span.duration.toFixed(1)));
}

show();
