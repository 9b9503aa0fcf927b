// The instrument of the Home page: a slider from retrieval to rating, the front in a plot, and both
// tasks' figures. All follow while the slider is dragged; Python hears of a place on release.
const SVG = "http://www.w3.org/2000/svg";
const RETRIEVAL = [63, 131, 214], BOTH = [124, 107, 214], RATING = [224, 122, 63];
const MARGIN = { left: 52, right: 14, top: 12, bottom: 40 };
const views = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = makeView(parentElement);
    views.set(parentElement, view);
  }
  view.send = (place) => setStateValue("place", place);
  view.receive(data);
  return () => view.observer.disconnect();
}

function makeView(root) {
  const find = (name) => root.querySelector("." + name);
  const view = { data: null, way: null, position: 0.5, index: 0, drawn: null, released: 0.5 };
  const slider = find("slider"), svg = find("plot");

  view.receive = (data) => {
    const first = view.data === null;
    view.data = data;
    // What the person has chosen here counts more than what Python last heard.
    if (first || !data.ways.some((way) => way.key === view.way)) view.way = data.way;
    if (first) view.position = view.released = data.position;
    draw();
    moveTo(nearestTo(view.position));
    view.observer.disconnect();
    view.observer.observe(svg);
  };
  view.observer = new ResizeObserver(() => view.data && drawPlot());

  const current = () => view.data.ways.find((way) => way.key === view.way);
  const nearestTo = (position) => {
    const points = current().points;
    let best = 0;
    points.forEach((point, i) => {
      if (Math.abs(point.position - position) < Math.abs(points[best].position - position)) best = i;
    });
    return best;
  };

  function draw() {
    const ways = find("ways");
    ways.replaceChildren(
      ...view.data.ways.map((way) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = way.name;
        button.disabled = !way.points.length;
        button.setAttribute("aria-pressed", way.key === view.way);
        button.onclick = () => choose(way.key);
        return button;
      }),
    );
    find("about").textContent = current().about;
    const progress = view.data.progress;
    find("progress").textContent = progress;
    find("progress").hidden = !progress;
    const empty = !current().points.length;
    slider.disabled = empty;
    find("instrument").classList.toggle("empty", empty);
    animatePlot();
  }

  function choose(key) {
    view.way = key;
    draw();
    moveTo(nearestTo(view.position));
    release();
  }

  function moveTo(index) {
    const points = current().points;
    if (!points.length) return figures(null);
    view.index = Math.max(0, Math.min(index, points.length - 1));
    slider.max = points.length - 1;
    slider.value = view.index;
    const point = points[view.index];
    const share = view.index / Math.max(1, points.length - 1);
    slider.setAttribute("aria-valuetext", `retrieval : rating ${point.weights}`);
    const bubble = find("ratio");
    bubble.textContent = point.weights;
    bubble.style.left = `calc(${share} * (100% - 22px) + 11px)`;
    bubble.style.color = colour(point.position);
    slider.style.setProperty("--thumb", colour(point.position));
    figures(point);
    placeDot();
  }

  // The list beside is that of the place released last. Away from there, it is told that it is old.
  function moveBy(index) {
    moveTo(index);
    const away = current().points[view.index].position !== view.released;
    document.dispatchEvent(new CustomEvent("duet-weights", { detail: { away } }));
  }

  function release() {
    const point = current().points[view.index];
    if (!point) return;
    view.position = view.released = point.position;
    view.send({ way: view.way, position: point.position });
  }

  slider.oninput = () => {
    moveBy(Number(slider.value));
    view.position = current().points[view.index].position;
  };
  slider.onchange = release;

  function figures(point) {
    for (const axis of ["y", "x"]) {
      const scale = view.data.axes[axis], box = find("figure-" + axis);
      box.querySelector(".value").textContent = point ? point[axis].toFixed(3) : "–";
      box.querySelector(".name").textContent = scale.name;
      const track = box.querySelector(".track");
      const part = (value) => {
        const share = (value - scale.worst) / (scale.best - scale.worst);
        return `${100 * Math.max(0, Math.min(1, share))}%`;
      };
      track.querySelectorAll(".tick").forEach((tick) => tick.remove());
      for (const line of scale.lines) {
        const tick = document.createElement("span");
        tick.className = "tick";
        tick.style.left = part(line.value);
        track.append(tick);
      }
      box.querySelector(".compared").textContent = scale.lines
        .map((line) => `${line.short} ${line.value.toFixed(3)}`)
        .join(" · ");
      const fill = box.querySelector(".fill");
      fill.style.width = point ? part(point[axis]) : "0";
    }
  }

  // The plot.

  function geometry() {
    const box = svg.getBoundingClientRect(), { x, y } = view.data.axes;
    const width = Math.max(box.width, 200), height = Math.max(box.height, 160);
    const right = width - MARGIN.right, bottom = height - MARGIN.bottom;
    return {
      width, height, right, bottom,
      // Better is up and to the right on both axes.
      x: (v) => MARGIN.left + ((v - x.worst) / (x.best - x.worst)) * (right - MARGIN.left),
      y: (v) => bottom - ((v - y.worst) / (y.best - y.worst)) * (bottom - MARGIN.top),
    };
  }

  function animatePlot() {
    const target = Object.fromEntries(view.data.ways.map((way) => [way.key, way.points]));
    const start = view.drawn, begun = performance.now();
    const shown = view.shownWay;
    view.shownWay = view.way;
    cancelAnimationFrame(view.frame);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!start || still) {
      view.drawn = target;
      return drawPlot();
    }
    // From the lines as they were drawn, or the line of the way before, to the new ones.
    const step = (now) => {
      const t = Math.min(1, (now - begun) / 450), eased = 1 - (1 - t) ** 3;
      view.drawn = { ...target };
      const from = shown === view.way ? start[view.way] : start[shown];
      const to = target[view.way];
      if (t < 1 && from && from.length && to.length) {
        view.drawn[view.way] = to.map((point) => {
          const old = from.reduce((a, b) =>
            Math.abs(b.position - point.position) < Math.abs(a.position - point.position) ? b : a);
          return {
            ...point,
            x: old.x + eased * (point.x - old.x),
            y: old.y + eased * (point.y - old.y),
          };
        });
      }
      drawPlot();
      if (t < 1) view.frame = requestAnimationFrame(step);
    };
    view.frame = requestAnimationFrame(step);
  }

  function drawPlot() {
    const g = geometry();
    svg.setAttribute("viewBox", `0 0 ${g.width} ${g.height}`);
    svg.replaceChildren();
    drawAxes(svg, g, view.data.axes);
    drawLines(svg, g, view.data.axes);
    // On their way to new axes, lines may lie beyond the old ones.
    const inside = make("svg", { x: MARGIN.left, width: g.right - MARGIN.left, height: g.bottom });
    inside.setAttribute("viewBox", `${MARGIN.left} 0 ${g.right - MARGIN.left} ${g.bottom}`);
    svg.append(inside);
    for (const way of view.data.ways) {
      if (way.key !== view.way) drawFaint(inside, g, way);
    }
    drawFront(inside, g, view.drawn[view.way] ?? []);
    drawMarks(svg, g, view.data.marks);
    svg.append(make("circle", { class: "halo", r: 13 }), make("circle", { class: "dot", r: 8 }));
    placeDot();
  }

  function placeDot() {
    const dot = svg.querySelector(".dot"), halo = svg.querySelector(".halo");
    const point = (view.drawn?.[view.way] ?? [])[view.index];
    if (!dot) return;
    for (const one of [dot, halo]) one.style.display = point ? "" : "none";
    if (!point) return;
    const g = geometry();
    for (const one of [dot, halo]) {
      one.setAttribute("cx", g.x(point.x));
      one.setAttribute("cy", g.y(point.y));
      one.style.fill = colour(point.position);
    }
  }

  svg.onpointerdown = (event) => {
    const points = current().points;
    if (!points.length) return;
    svg.setPointerCapture(event.pointerId);
    const follow = (moved) => {
      const box = svg.getBoundingClientRect(), g = geometry();
      const far = (p) =>
        (g.x(p.x) - (moved.clientX - box.left)) ** 2 + (g.y(p.y) - (moved.clientY - box.top)) ** 2;
      moveBy(points.reduce((best, p, i) => (far(p) < far(points[best]) ? i : best), 0));
    };
    follow(event);
    svg.onpointermove = follow;
    svg.onpointerup = svg.onpointercancel = () => {
      svg.onpointermove = svg.onpointerup = svg.onpointercancel = null;
      release();
    };
  };
  return view;
}

function make(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

function colour(position) {
  const [from, to] = position < 0.5 ? [RETRIEVAL, BOTH] : [BOTH, RATING];
  const part = (position % 0.5) / 0.5 + (position >= 1 ? 1 : 0);
  return `rgb(${from.map((c, i) => Math.round(c + part * (to[i] - c))).join(",")})`;
}

function drawAxes(svg, g, axes) {
  for (const value of axes.x.ticks) {
    svg.append(make("line", { class: "grid", x1: g.x(value), x2: g.x(value), y1: MARGIN.top, y2: g.bottom }));
    svg.append(make("text", { class: "tick-text", x: g.x(value), y: g.bottom + 16, "text-anchor": "middle" }, value.toFixed(2)));
  }
  for (const value of axes.y.ticks) {
    svg.append(make("line", { class: "grid", x1: MARGIN.left, x2: g.right, y1: g.y(value), y2: g.y(value) }));
    svg.append(make("text", { class: "tick-text", x: MARGIN.left - 8, y: g.y(value) + 4, "text-anchor": "end" }, value.toFixed(2)));
  }
  const middle = (MARGIN.top + g.bottom) / 2;
  svg.append(make("text", { class: "axis", x: (MARGIN.left + g.right) / 2, y: g.height - 6, "text-anchor": "middle" }, axes.x.title));
  svg.append(make("text", { class: "axis", x: 0, y: 0, "text-anchor": "middle", transform: `translate(12 ${middle}) rotate(-90)` }, axes.y.title));
}

function drawLines(svg, g, axes) {
  for (const line of axes.x.lines) {
    const x = g.x(line.value), nearLeft = x < MARGIN.left + 20;
    svg.append(make("line", { class: "reference", x1: x, x2: x, y1: MARGIN.top, y2: g.bottom, stroke: line.colour }));
    // Along the line: labels of the other axis lie across it.
    const along = `translate(${x + (nearLeft ? 13 : -5)} ${(MARGIN.top + g.bottom) / 2}) rotate(-90)`;
    svg.append(make("text", { class: "reference-text", transform: along, "text-anchor": "middle", style: `fill: ${line.colour}` }, line.name));
  }
  for (const line of axes.y.lines) {
    const y = g.y(line.value), nearTop = y < MARGIN.top + 20;
    svg.append(make("line", { class: "reference", x1: MARGIN.left, x2: g.right, y1: y, y2: y, stroke: line.colour }));
    svg.append(make("text", { class: "reference-text", x: MARGIN.left + 5, y: y + (nearTop ? 14 : -5), style: `fill: ${line.colour}` }, line.name));
  }
}

function drawFaint(svg, g, way) {
  if (way.points.length < 2) return;
  const at = way.points.map((p) => `${g.x(p.x)},${g.y(p.y)}`).join(" ");
  const line = make("polyline", { class: "faint", points: at });
  line.append(make("title", {}, way.name));
  svg.append(line);
}

function drawFront(svg, g, points) {
  points.slice(1).forEach((point, i) => {
    const before = points[i];
    svg.append(make("line", {
      class: "front", x1: g.x(before.x), y1: g.y(before.y), x2: g.x(point.x), y2: g.y(point.y),
      stroke: colour((before.position + point.position) / 2),
    }));
  });
  for (const point of points) {
    svg.append(make("circle", { class: "place", cx: g.x(point.x), cy: g.y(point.y), r: 2.6, fill: colour(point.position) }));
  }
}

function drawMarks(svg, g, marks) {
  for (const mark of marks) {
    const x = g.x(mark.x), y = g.y(mark.y);
    svg.append(make("path", { class: "mark", d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z` }));
    const left = x > g.right - 120;
    svg.append(make("text", { class: "mark-text", x: x + (left ? -11 : 11), y: y + 4, "text-anchor": left ? "end" : "start" }, mark.name));
  }
}
