// The instrument of the Home page: a slider from retrieval to rating, the front in a plot, and both
// tasks' figures. All follow while the slider is dragged; Python hears of a place on release.
const SVG = "http://www.w3.org/2000/svg";
const RETRIEVAL = [63, 131, 214], BOTH = [124, 107, 214], RATING = [224, 122, 63];
const MARGIN = { left: 52, right: 14, top: 12, bottom: 40 };
const MOVE = 450; // ms that lines and axes take to their new places
const SMALL = 0.12; // of the plot: a line that takes less is shown magnified too
const MOST_MAGNIFIED = 20;
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
  const view = {
    data: null, way: null, position: 0.5, index: 0, released: 0.5,
    heard: null, sent: [], // the place in the last data, and places released that it may not hold yet
    drawn: null, axes: null, // lines and axes as they are drawn: on their way to those of the data
    inset: null, spots: new Map(), // where the names of the other lines stand
  };
  const slider = find("slider"), svg = find("plot");

  view.receive = (data) => {
    const first = view.data === null, before = view.data;
    view.data = data;
    // What the person has chosen here counts more than what Python last heard, until Python tells
    // of a place that was never chosen here: the browser went back.
    const heard = `${data.way} ${data.position}`, answered = view.sent.indexOf(heard);
    if (answered >= 0) view.sent.splice(0, answered + 1);
    const moved = first || (heard !== view.heard && answered < 0);
    view.heard = heard;
    if (moved || !data.ways.some((way) => way.key === view.way)) view.way = data.way;
    if (moved) view.position = view.released = data.position;
    // While something is trained, most news is about its progress alone.
    if (!moved && same({ ...before, progress: "" }, { ...data, progress: "" })) drawProgress();
    else {
      draw();
      moveTo(nearestTo(view.position));
    }
    view.observer.disconnect();
    view.observer.observe(svg);
  };
  // It is also called when it begins to observe.
  view.observer = new ResizeObserver(() => {
    if (!view.data || same(view.size, sizeOf(svg))) return;
    drawPlot();
    drawReferences();
  });

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
    find("note").textContent = view.data.note;
    drawProgress();
    const empty = !current().points.length;
    slider.disabled = empty;
    find("instrument").classList.toggle("empty", empty);
    drawReferences();
    animatePlot();
  }

  function drawProgress() {
    find("progress").textContent = view.data.progress;
    find("progress").hidden = !view.data.progress;
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
    tellList({ away: current().points[view.index].position !== view.released, released: false });
  }

  function tellList(detail) {
    document.dispatchEvent(new CustomEvent("duet-weights", { detail }));
  }

  function release() {
    const point = current().points[view.index];
    if (!point) return;
    view.position = view.released = point.position;
    tellList({ away: false, released: true });
    const place = `${view.way} ${point.position}`;
    if (place !== (view.sent.at(-1) ?? view.heard)) view.sent.push(place);
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
      box.querySelector(".fill").style.width = point ? `${100 * share(scale, point[axis])}%` : "0";
    }
  }

  // What both figures are compared to: ticks on the bars, each with its name and value below it.
  function drawReferences() {
    for (const axis of ["y", "x"]) {
      const scale = view.data.axes[axis], box = find("figure-" + axis);
      const track = box.querySelector(".track"), compared = box.querySelector(".compared");
      track.querySelectorAll(".tick").forEach((tick) => tick.remove());
      const labels = scale.lines.map((line) => {
        const tick = document.createElement("span"), label = document.createElement("span");
        tick.className = "tick";
        tick.style.left = `${100 * share(scale, line.value)}%`;
        track.append(tick);
        label.className = "label";
        label.innerText = `${line.short}\n${line.value.toFixed(3)}`;
        return { label, share: share(scale, line.value) };
      });
      compared.replaceChildren(...labels.map((one) => one.label));
      placeLabels(labels, compared.clientWidth);
    }
  }

  // The plot.

  function geometry() {
    const box = svg.getBoundingClientRect(), { x, y } = view.axes;
    const width = Math.max(box.width, 200), height = Math.max(box.height, 160);
    const right = width - MARGIN.right, bottom = height - MARGIN.bottom;
    return {
      width, height, right, bottom, left: MARGIN.left, top: MARGIN.top,
      // Better is up and to the right on both axes.
      x: (v) => MARGIN.left + ((v - x.worst) / (x.best - x.worst)) * (right - MARGIN.left),
      y: (v) => bottom - ((v - y.worst) / (y.best - y.worst)) * (bottom - MARGIN.top),
    };
  }

  function animatePlot() {
    const target = Object.fromEntries(view.data.ways.map((way) => [way.key, way.points]));
    const start = view.drawn, axes = view.axes, begun = performance.now();
    const shown = view.shownWay;
    view.shownWay = view.way;
    if (shown !== view.way) {
      view.inset = null;
      view.spots.clear();
    }
    cancelAnimationFrame(view.frame);
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    const stays = !start || (shown === view.way && same(start[view.way], target[view.way]) &&
      same(axes, view.data.axes));
    if (stays || still) {
      [view.drawn, view.axes, view.still] = [target, view.data.axes, true];
      return drawPlot();
    }
    // From the lines as they were drawn, or the line of the way before, to the new ones.
    const step = (now) => {
      const t = Math.min(1, (now - begun) / MOVE), eased = 1 - (1 - t) ** 3;
      view.still = t === 1;
      view.drawn = { ...target };
      view.axes = between(axes, view.data.axes, eased);
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
    view.size = sizeOf(svg);
    const g = geometry(), points = view.drawn[view.way] ?? [];
    svg.setAttribute("viewBox", `0 0 ${g.width} ${g.height}`);
    svg.replaceChildren();
    drawAxes(svg, g, view.axes);
    drawLines(svg, g, view.data.axes);
    // On their way to new axes, lines may lie beyond the old ones.
    const inside = make("svg", { x: MARGIN.left, width: g.right - MARGIN.left, height: g.bottom });
    inside.setAttribute("viewBox", `${MARGIN.left} 0 ${g.right - MARGIN.left} ${g.bottom}`);
    svg.append(inside);
    const others = view.data.ways.filter((way) => way.key !== view.way && way.points.length > 1);
    for (const way of others) drawFaint(inside, g, way);
    drawFront(inside, g, points);
    // Another line is magnified once it has arrived.
    const appears = !view.inset;
    view.inset = view.still || !appears ? insetOf(points, g, view.data) : null;
    drawMarks(svg, g, view.data.marks, view.inset);
    svg.append(make("circle", { class: "halo" }), make("circle", { class: "dot" }));
    if (view.inset) drawInset(svg, g, view.inset, points, view.data.marks, appears);
    if (view.still) view.spots = findSpots(svg, g, others, view);
    for (const way of others) drawName(svg, g, way, view.spots.get(way.key));
    placeDot();
  }

  function placeDot() {
    const point = (view.drawn?.[view.way] ?? [])[view.index], { inset } = view;
    const place = (name, g, r) => {
      const one = svg.querySelector("." + name);
      if (!one) return;
      one.style.display = point ? "" : "none";
      if (!point) return;
      // A line begins its training outside the plot: its point waits at the edge.
      const x = Math.max(g.left, Math.min(g.right, g.x(point.x)));
      const y = Math.max(g.top, Math.min(g.bottom, g.y(point.y)));
      for (const [key, value] of Object.entries({ cx: x, cy: y, r })) {
        one.setAttribute(key, value);
      }
      one.style.fill = colour(point.position);
    };
    // Beside its magnified line, the point must not cover the small one.
    const g = geometry();
    place("halo", g, inset ? 9 : 13);
    place("dot", g, inset ? 5 : 8);
    if (inset) place("inset-dot", inset, 7);
  }

  svg.onpointerdown = (event) => {
    const points = current().points;
    if (!points.length) return;
    svg.setPointerCapture(event.pointerId);
    const at = (moved) => {
      const box = svg.getBoundingClientRect();
      return [moved.clientX - box.left, moved.clientY - box.top];
    };
    const magnified = view.inset && isWithin(view.inset, ...at(event));
    const follow = (moved) => {
      const [x, y] = at(moved), g = magnified && view.inset ? view.inset : geometry();
      const far = (p) => (g.x(p.x) - x) ** 2 + (g.y(p.y) - y) ** 2;
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

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

function sizeOf(element) {
  return [element.clientWidth, element.clientHeight];
}

// Where a value lies between the worse and the better end of an axis: 0 to 1.
function share(axis, value) {
  return Math.max(0, Math.min(1, (value - axis.worst) / (axis.best - axis.worst)));
}

// Labels stand below their ticks, as far as they do not meet and stay below the bar.
function placeLabels(labels, width) {
  const gap = 8, placed = [...labels].sort((a, b) => a.share - b.share);
  for (const one of placed) {
    one.width = one.label.offsetWidth;
    one.left = Math.max(0, Math.min(width - one.width, one.share * width - one.width / 2));
  }
  placed.slice(1).forEach((one, i) => {
    const before = placed[i];
    before.left = Math.max(0, Math.min(before.left, one.left - gap - before.width));
    one.left = Math.max(one.left, before.left + before.width + gap);
  });
  for (const one of placed) one.label.style.left = `${one.left}px`;
}

// Axes on their way from old to new ones: 0 to 1.
function between(old, target, part) {
  const end = (axis, name) => old[axis][name] + part * (target[axis][name] - old[axis][name]);
  const axis = (name) => ({ ...target[name], worst: end(name, "worst"), best: end(name, "best") });
  return { x: axis("x"), y: axis("y") };
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
    const along = `translate(${x + (nearLeft ? 13 : -5)} ${MARGIN.top + 0.36 * (g.bottom - MARGIN.top)}) rotate(-90)`;
    svg.append(make("text", { class: "reference-text", transform: along, "text-anchor": "middle", style: `fill: ${line.colour}` }, line.name));
  }
  for (const line of axes.y.lines) {
    const y = g.y(line.value), nearTop = y < MARGIN.top + 20;
    svg.append(make("line", { class: "reference", x1: MARGIN.left, x2: g.right, y1: y, y2: y, stroke: line.colour }));
    svg.append(make("text", { class: "reference-text", x: MARGIN.left + 5, y: y + (nearTop ? 14 : -5), style: `fill: ${line.colour}` }, line.name));
  }
}

function drawFaint(svg, g, way) {
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

function drawMarks(svg, g, marks, inset) {
  for (const mark of marks) {
    const x = g.x(mark.x), y = g.y(mark.y);
    drawDiamond(svg, g, mark);
    // Beside the frame of what is magnified, if the mark is in it.
    const box = inset?.near.includes(mark) ? framed(inset.source) : { left: x - 6, width: 12 };
    const left = x > g.right - 120, at = left ? box.left - 5 : box.left + box.width + 5;
    svg.append(make("text", { class: "mark-text", x: at, y: y + 4, "text-anchor": left ? "end" : "start" }, mark.name));
  }
}

function drawDiamond(svg, g, mark) {
  const x = g.x(mark.x), y = g.y(mark.y);
  svg.append(make("path", { class: "mark", d: `M${x} ${y - 7}L${x + 7} ${y}L${x} ${y + 7}L${x - 7} ${y}Z` }));
}

// The inset: a small line as if seen through a magnifying glass.

// Where the chosen line is magnified and how points are placed there; null if it is large enough.
function insetOf(points, g, data) {
  if (points.length < 2) return null;
  const area = { left: MARGIN.left, top: MARGIN.top, width: g.right - MARGIN.left, height: g.bottom - MARGIN.top };
  const isSmall = (box) => Math.max(box.width / area.width, box.height / area.height) < SMALL;
  let source = bounds(points, g);
  const isInside = isWithin(area, source.left, source.top) &&
    isWithin(area, source.left + source.width, source.top + source.height);
  if (!isSmall(source) || !isInside) return null;
  const near = data.marks.filter((mark) => isSmall(bounds([...points, mark], g)));
  source = bounds([...points, ...near], g);
  const width = 0.46 * area.width, height = 0.46 * area.height, pad = 16, title = 14;
  const most = Math.min((width - 2 * pad) / source.width, (height - 2 * pad - title) / source.height);
  const factor = Math.max(2, Math.min(MOST_MAGNIFIED, Math.floor(most)));
  const corner = emptiest(corners(area, width, height), g, data);
  const middle = (box) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  const from = middle(source), to = middle(corner);
  return {
    ...corner, right: corner.left + width, bottom: corner.top + height, factor, near, source,
    x: (v) => to.x + factor * (g.x(v) - from.x),
    y: (v) => to.y + title / 2 + factor * (g.y(v) - from.y),
  };
}

function bounds(points, g) {
  const x = points.map((p) => g.x(p.x)), y = points.map((p) => g.y(p.y));
  const left = Math.min(...x), top = Math.min(...y);
  return { left, top, width: Math.max(1, Math.max(...x) - left), height: Math.max(1, Math.max(...y) - top) };
}

function framed(box, around = 6) {
  const { left, top, width, height } = box;
  return { left: left - around, top: top - around, width: width + 2 * around, height: height + 2 * around };
}

function corners(area, width, height) {
  const left = area.left + 8, top = area.top + 8;
  const right = area.left + area.width - width - 8, bottom = area.top + area.height - height - 8;
  return [[right, bottom], [left, bottom], [right, top], [left, top]].map(([x, y]) => ({
    left: x, top: y, width, height,
  }));
}

// The first of the boxes that covers the fewest points of any line.
function emptiest(boxes, g, data) {
  const points = [...data.ways.flatMap((way) => way.points), ...data.marks];
  const covered = (box) => points.filter((p) => isWithin(box, g.x(p.x), g.y(p.y))).length;
  return boxes.reduce((best, box) => (covered(box) < covered(best) ? box : best));
}

function isWithin(box, x, y) {
  return x >= box.left && x <= box.left + box.width && y >= box.top && y <= box.top + box.height;
}

function drawInset(svg, g, inset, points, marks, appears) {
  const { left, top, width, height } = inset, small = framed(inset.source);
  const name = appears ? "inset appears" : "inset";
  const group = make("g", { class: name }), rays = make("g", { class: name });
  const frame = (box, name) =>
    make("rect", { class: name, x: box.left, y: box.top, width: box.width, height: box.height, rx: 4 });
  // From the small frame to the large one, if one is above the other.
  const below = small.top + small.height < top, above = small.top > top + height;
  if (below || above) {
    const y1 = below ? small.top + small.height : small.top, y2 = below ? top : top + height;
    for (const part of [0, 1]) {
      rays.append(make("line", {
        class: "inset-ray", x1: small.left + part * small.width, x2: left + part * width, y1, y2,
      }));
    }
  }
  group.append(frame(small, "inset-source"), frame(inset, "inset-frame"));
  group.append(make("text", { class: "inset-text", x: left + 8, y: top + 16 }, `magnified ${inset.factor} times`));
  const inside = make("svg", { x: left, y: top, width, height, viewBox: `${left} ${top} ${width} ${height}` });
  drawFront(inside, inset, points);
  for (const mark of inset.near) drawDiamond(inside, inset, mark);
  inside.append(make("circle", { class: "inset-dot" }));
  group.append(inside);
  svg.prepend(rays); // behind all texts
  svg.append(group);
}

// The names of the other lines, where there is room for them.

function spotsOf(points) {
  const last = points.length - 1;
  return [last, 0, Math.round(last / 2)].flatMap((i) =>
    [[0, 17, "middle"], [0, 17, "end"], [0, 17, "start"], [0, -9, "middle"], [0, -9, "end"], [0, -9, "start"], [-10, 4, "end"], [10, 4, "start"]]
      .map(([dx, dy, anchor]) => ({ i, dx, dy, anchor })));
}

function drawName(svg, g, way, spot) {
  const point = spot && way.points[spot.i];
  if (!point) return null;
  const at = { x: g.x(point.x) + spot.dx, y: g.y(point.y) + spot.dy, "text-anchor": spot.anchor };
  const text = make("text", { class: "faint-text", ...at }, way.name);
  svg.append(text);
  return text;
}

// Return a spot for the name of each way that has one: beside its line, and in front of nothing.
function findSpots(svg, g, ways, view) {
  const origin = svg.getBoundingClientRect();
  const boxOf = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return { left: left - origin.left, top: top - origin.top, width, height };
  };
  const taken = [...svg.querySelectorAll("text, .inset-frame, .mark, .halo")].map(boxOf);
  const lines = view.data.ways.flatMap((way) => along(way.points, g, 2));
  const dashes = [...svg.querySelectorAll(".reference")].map(boxOf);
  const spots = new Map();
  for (const way of ways) {
    // A name close to another line would seem to be that one's. But rather there, or across a
    // dashed line, than nowhere.
    const others = view.data.ways.filter((one) => one !== way).flatMap((one) => along(one.points, g, 14));
    for (const obstacles of [[...lines, ...others, ...dashes], [...lines, ...others], [...lines, ...dashes], lines]) {
      const spot = spotsOf(way.points).find((one) => {
        const text = drawName(svg, g, way, one), box = boxOf(text);
        text.remove();
        const fits = box.left > MARGIN.left && box.left + box.width < g.right &&
          box.top > MARGIN.top && box.top + box.height < g.bottom;
        if (!fits || [...taken, ...obstacles].some((other) => meet(box, other))) return false;
        taken.push(box);
        return true;
      });
      if (spot) {
        spots.set(way.key, spot);
        break;
      }
    }
  }
  return spots;
}

// Boxes along a line, as wide as it and some pixels on both sides.
function along(points, g, beside) {
  const box = (x, y) => ({ left: x - beside, top: y - beside, width: 2 * beside, height: 2 * beside });
  return points.slice(1).flatMap((point, i) =>
    [0, 0.25, 0.5, 0.75, 1].map((t) =>
      box(g.x(points[i].x + t * (point.x - points[i].x)), g.y(points[i].y + t * (point.y - points[i].y)))));
}

function meet(a, b) {
  return a.left < b.left + b.width && b.left < a.left + a.width &&
    a.top < b.top + b.height && b.top < a.top + a.height;
}
