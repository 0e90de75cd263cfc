// What the page can do beyond being read: it updates by itself, says what is under the pointer, and
// takes a range from a chart. Without it everything can still be read.
"use strict";
(() => {
  const live = document.getElementById("live");
  const state = (name) => {
    live.hidden = false;
    live.dataset.state = name;
    live.textContent = name;
  };

  // Times are written in UTC and shown in the viewer's zone.
  const times = (root) => {
    for (const time of root.querySelectorAll("time:not([data-local])")) {
      const date = new Date(time.dateTime);
      if (Number.isNaN(date.getTime())) continue;
      time.dataset.local = "";
      time.title = time.textContent;
      time.textContent = date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    }
  };

  // Charts.
  const SVG = "http://www.w3.org/2000/svg";
  const charts = (root) => {
    for (const plot of root.querySelectorAll(".plot:not([data-ready])")) chart(plot);
  };
  const chart = (plot) => {
    plot.dataset.ready = "";
    const figure = plot.closest("figure");
    const data = JSON.parse(figure.querySelector("script").textContent);
    const output = figure.querySelector(".hover");
    const svg = plot.querySelector("svg");
    const [left, right, width] = ["left", "right", "width"].map((name) => Number(plot.dataset[name]));
    const [from, to] = ["from", "to"].map((name) => Number(plot.dataset[name]));
    const cursor = svg.appendChild(document.createElementNS(SVG, "line"));
    const selected = svg.appendChild(document.createElementNS(SVG, "rect"));
    cursor.setAttribute("class", "cursor");
    selected.setAttribute("class", "selected");
    selected.setAttribute("y", "6");
    selected.setAttribute("height", "192");
    let at = null;
    let start = null;

    const x = (time) => left + ((time - from) / (to - from)) * (right - left);
    const time = (event) => {
      const box = svg.getBoundingClientRect();
      const pixel = ((event.clientX - box.left) / box.width) * width;
      const share = Math.min(1, Math.max(0, (pixel - left) / (right - left)));
      return from + share * (to - from);
    };
    const show = (moment) => {
      at = moment;
      const said = [];
      for (const line of data.lines) {
        let found = null;
        for (const [begin, value] of line.points) {
          if (begin > moment) break;
          found = [begin, value];
        }
        if (found && moment - found[0] <= 2 * data.step) said.push(`${line.label} ${found[1]} ${line.unit}`);
      }
      // As the axis has it.
      const when = `${new Date(moment).toISOString().slice(0, 16).replace("T", " ")} UTC`;
      output.hidden = false;
      output.textContent = `${when}: ${said.join(", ") || "nothing is known"}`;
      for (const [name, value] of [["x1", x(moment)], ["x2", x(moment)], ["y1", 6], ["y2", 198]]) {
        cursor.setAttribute(name, value);
      }
      mark();
    };
    const mark = () => {
      const has = start !== null && at !== null;
      selected.setAttribute("x", has ? x(Math.min(start, at)) : 0);
      selected.setAttribute("width", has ? Math.abs(x(at) - x(start)) : 0);
    };
    const pick = () => {
      if (start === null || at === null) return;
      const [begin, end] = [Math.round(Math.min(start, at)), Math.round(Math.max(start, at))];
      start = null;
      mark();
      // A click is no range.
      if (end - begin < (to - from) / 100) return;
      const url = new URL(location.href);
      url.searchParams.delete("range");
      url.searchParams.set("from", begin);
      url.searchParams.set("to", end);
      location.assign(url);
    };

    plot.addEventListener("pointermove", (event) => show(time(event)));
    plot.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      start = time(event);
      plot.setPointerCapture(event.pointerId);
      show(start);
    });
    plot.addEventListener("pointerup", (event) => { show(time(event)); pick(); });
    plot.addEventListener("pointercancel", () => { start = null; mark(); });
    plot.addEventListener("pointerleave", () => { if (start === null) output.hidden = true; });
    plot.addEventListener("blur", () => { start = null; output.hidden = true; });
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) {
        event.preventDefault();
        const before = at ?? to;
        if (event.shiftKey && start === null) start = before;
        if (!event.shiftKey) start = null;
        const moved = before + step * Math.max(data.step, (to - from) / 100);
        show(Math.min(to, Math.max(from, moved)));
      } else if (event.key === "Enter" && start !== null) {
        event.preventDefault();
        pick();
      } else if (event.key === "Escape") {
        start = null;
        mark();
      }
    });
  };

  // Parts of the page that change are fetched again, each not more often than it says.
  const parts = [...document.querySelectorAll(".live")].map((part) => ({ part, source: null, at: Date.now() }));
  // Who is reading or choosing in it is not disturbed.
  const BUSY = "details[open], summary:focus, .hover:not([hidden]), .plot:focus, .scrolls:focus-within";
  const busy = (own) => own.part.querySelector(BUSY) !== null;
  let fetching = false;
  let asked = false;
  const put = (own, next) => {
    const every = Number(own.part.dataset.every) * 1000;
    const source = next.innerHTML;
    if (next.dataset.same !== undefined || every === 0 || Date.now() - own.at < every || busy(own) || source === own.source) return;
    const focused = own.part.contains(document.activeElement) && document.activeElement.getAttribute("href");
    own.source = source;
    own.at = Date.now();
    const scrolled = [...own.part.querySelectorAll(".scrolls")].map((one) => one.scrollLeft);
    own.part.replaceChildren(...next.childNodes);
    own.part.querySelectorAll(".scrolls").forEach((one, index) => { one.scrollLeft = scrolled[index] ?? 0; });
    times(own.part);
    charts(own.part);
    if (focused) own.part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  };
  const update = async () => {
    if (fetching) { asked = true; return; }
    fetching = true;
    try {
      // Charts take the longest: they are asked for when they are due.
      const due = parts.some((own) => own.part.dataset.every === "30" && Date.now() - own.at >= 30000 && !busy(own));
      const headers = due ? { Accept: "text/html" } : { Accept: "text/html", "X-Charts": "none" };
      const answer = await fetch(location.href, { headers });
      // The token is wanted again.
      if (answer.redirected || answer.status === 401) { location.reload(); return; }
      if (!answer.ok) { state("reconnecting"); return; }
      const next = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll(".live");
      // There are more cars, or fewer: the page is another one.
      if (next.length !== parts.length) { location.reload(); return; }
      parts.forEach((own, index) => put(own, next[index]));
      if (events?.readyState === EventSource.OPEN) state("live");
    } catch {
      // What the stream says counts.
    } finally {
      fetching = false;
      if (asked) { asked = false; soon(); }
    }
  };
  let timer = null;
  const soon = () => { timer ??= setTimeout(() => { timer = null; update(); }, 1000); };

  times(document);
  charts(document);

  // A page that nobody looks at needs no stream: a browser has few connections to one place.
  let events = null;
  const listen = () => {
    events?.close();
    events = null;
    if (document.hidden) return;
    events = new EventSource("/events");
    events.addEventListener("open", () => { state("live"); soon(); });
    events.addEventListener("report", soon);
    events.addEventListener("error", () => {
      state("reconnecting");
      // It tries again by itself unless it was refused.
      if (events?.readyState === EventSource.CLOSED) setTimeout(listen, 10000);
    });
  };
  document.addEventListener("visibilitychange", listen);
  listen();
  // A car that cannot be asked reports nothing, and time goes on.
  setInterval(() => { if (!document.hidden) soon(); }, 30000);
})();
