// The movies as points on one map, or on two side by side that move together. What is marked comes
// from the list beside the map (shown.js), by way of the window: so the points are sent only once.
const RAMP = ["#5b3fa8", "#3f73d6", "#2f9e9a", "#86b84a", "#efc53f"]; // from low to high
const STEPS = 24; // colours of a scale
const GREY = "#8b93a1";
const BRIGHT = 0.85, DIM = 0.24; // opacity of the movies, and of those that are not marked while others are
const MANY = 8000; // with more movies than this in sight, points are drawn as squares of pixels
const NEAR = 14; // px from the pointer to a movie
const CLICK = 5; // px that a click may move
const MOVE = 700; // ms in which movies move to their places on another map
const AREA = 13000; // px² of the map for each label; half of it where somebody has zoomed in
const MARGIN = 26; // px around all movies
const MOST_ZOOM = 60; // times the view of all movies
const views = new WeakMap();

export default function ({ data, parentElement }) {
  let view = views.get(parentElement);
  if (!view) {
    view = makeView(parentElement);
    views.set(parentElement, view);
  }
  view.receive(JSON.parse(new TextDecoder().decode(data)));
  return view.start();
}

// What the map and the list know of each other.
function bus() {
  window.duetMovieMap ??= { points: null, pick: null, shown: null, send: null, hover: null, listeners: new Set() };
  return window.duetMovieMap;
}

function makeView(root) {
  const find = (name) => root.querySelector("." + name);
  const stage = find("stage"), holder = find("frames"), tip = find("tip"), away = find("away");
  const view = {
    data: null, frames: [], size: { w: 0, h: 0 }, radii: null, buckets: null, colours: [],
    camera: { x: 0, y: 0, k: 0.04 }, least: 0.04, moved: false, // whether somebody has zoomed or panned
    hover: null, under: null, lit: null,
    waiting: null, answer: null, // the movie that was clicked while its neighbours are awaited, and the last answer
    frame: 0, morph: 0, drawn: null, label: new Map(), sprites: new Map(),
  };

  view.receive = (data) => {
    const old = view.data;
    if (old && old.key === data.key && old.ids.length === data.ids.length) {
      view.data = data;
      return;
    }
    view.data = data;
    view.waiting = null;
    leave();
    makeFrames(old);
    colour();
    layOut();
  };

  view.start = () => {
    const listen = () => {
      if (bus().shown !== view.answer) view.waiting = null;
      view.answer = bus().shown;
      colour();
      sayAway();
      redraw();
    };
    Object.assign(bus(), { points: view.data, pick });
    bus().listeners.add(listen);
    view.observer.disconnect();
    view.observer.observe(holder);
    colour();
    sayAway();
    redraw();
    return () => {
      bus().listeners.delete(listen);
      view.observer.disconnect();
    };
  };
  view.observer = new ResizeObserver(layOut);

  const shown = () => {
    const one = bus().shown;
    return one && view.data && one.key === view.data.key ? one : null;
  };

  // A link may ask for a movie that is not on the map: it is said where one looks for it.
  function sayAway() {
    const movie = shown()?.movie;
    away.hidden = !movie?.note;
    away.textContent = movie?.note ? `${movie.title}: ${movie.note}` : "";
  }

  // ---- the maps and where the movies lie

  function makeFrames(old) {
    const { maps, ids } = view.data;
    const before = old && old.maps.length ? placesBefore(old) : null;
    holder.classList.toggle("two", maps.length > 1);
    view.frames = maps.map((map, i) => {
      const box = element("div", "frame"), base = element("canvas", "base"), over = element("canvas", "over");
      over.tabIndex = 0;
      over.setAttribute("role", "img");
      over.setAttribute("aria-label", labelOf(map, maps.length));
      box.append(base, over, element("div", "name", maps.length > 1 ? map.name : ""));
      const x = Float32Array.from(map.x), y = Float32Array.from(map.y);
      const frame = { box, base, over, x, y, to: { x, y }, index: null };
      if (before) {
        frame.x = x.map((value, n) => before[i]?.get(ids[n])?.[0] ?? before[0].get(ids[n])?.[0] ?? value);
        frame.y = y.map((value, n) => before[i]?.get(ids[n])?.[1] ?? before[0].get(ids[n])?.[1] ?? value);
      }
      frame.index = makeIndex(x, y);
      follow(frame);
      return frame;
    });
    holder.replaceChildren(...view.frames.map((frame) => frame.box));
    const most = Math.max(...view.data.counts, 1);
    view.radii = Float32Array.from(view.data.counts, (count) => 1.6 + 4.4 * Math.sqrt(count / most));
    view.moved = false;
    if (before) move();
  }

  function placesBefore(old) {
    return view.frames.map((frame) => new Map(old.ids.map((id, n) => [id, [frame.x[n], frame.y[n]]])));
  }

  function labelOf(map, several) {
    const { titles } = view.data;
    const which = several > 1 ? `Map of ${map.name}` : "Map";
    return `${which}: ${titles.length.toLocaleString("en")} movies. The most popular: ` +
      `${titles.slice(0, 5).join(", ")}. Beside the map, a movie can be found by its title, and its neighbours are named. ` +
      "Arrow keys move the map, plus and minus zoom.";
  }

  // Movies glide from their places on the map before.
  function move() {
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) {
      for (const frame of view.frames) Object.assign(frame, frame.to);
      return;
    }
    const from = view.frames.map((frame) => ({ x: frame.x.slice(), y: frame.y.slice() })), start = performance.now();
    const id = ++view.morph;
    const step = (now) => {
      if (id !== view.morph) return;
      const t = Math.min((now - start) / MOVE, 1), e = t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t);
      view.frames.forEach((frame, i) => {
        const { x, y } = frame.to;
        for (let n = 0; n < x.length; n++) {
          frame.x[n] = from[i].x[n] + e * (x[n] - from[i].x[n]);
          frame.y[n] = from[i].y[n] + e * (y[n] - from[i].y[n]);
        }
      });
      if (t === 1) for (const frame of view.frames) Object.assign(frame, frame.to);
      redraw();
      if (t < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  function layOut() {
    const ratio = window.devicePixelRatio || 1;
    for (const { box, base, over } of view.frames) {
      const w = box.clientWidth, h = box.clientHeight;
      view.size = { w, h };
      for (const canvas of [base, over]) {
        canvas.width = Math.round(w * ratio);
        canvas.height = Math.round(h * ratio);
      }
    }
    if (!view.size.w) return;
    view.drawn = null; // a canvas of another size is empty
    const all = whole();
    view.least = all.k;
    if (!view.moved) view.camera = all;
    redraw(true);
  }

  // The view of all movies but a few far away.
  function whole() {
    const { w, h } = view.size, ends = (name) => {
      const values = view.frames.flatMap((frame) => Array.from(frame.to[name])).sort((a, b) => a - b);
      const cut = Math.floor(values.length / 300);
      return [values[cut], values[values.length - 1 - cut]];
    };
    const [left, right] = ends("x"), [bottom, top] = ends("y");
    const k = Math.min((w - 2 * MARGIN) / (right - left || 1), (h - 2 * MARGIN) / (top - bottom || 1));
    return { x: (left + right) / 2, y: (bottom + top) / 2, k };
  }

  // ---- colours

  function colour() {
    const one = shown(), all = view.data.colourings;
    const chosen = (one && one.colouring) || all[one ? one.colour : ""] || Object.values(all)[0];
    if (chosen === view.colouring) return;
    view.colouring = chosen;
    view.lit = null;
    if (chosen.kind === "names") {
      view.colours = [...chosen.colours, GREY];
      view.buckets = Uint8Array.from(chosen.values, (value) => (value < 0 ? chosen.colours.length : value));
    } else {
      view.colours = [...Array.from({ length: STEPS }, (_, i) => between(i / (STEPS - 1))), GREY];
      const range = chosen.high - chosen.low || 1;
      view.buckets = Uint8Array.from(chosen.values, (value) =>
        value === null ? STEPS : Math.round(Math.min(Math.max((value - chosen.low) / range, 0), 1) * (STEPS - 1)));
    }
    legend(chosen);
  }

  function legend(chosen) {
    const box = find("legend");
    box.classList.remove("some");
    if (chosen.kind !== "names") {
      const ramp = element("span", "ramp");
      ramp.style.background = `linear-gradient(90deg, ${RAMP.join(", ")})`;
      box.replaceChildren(element("span", "", chosen.ends[0]), ramp, element("span", "", chosen.ends[1]), ...unknown(chosen));
      return;
    }
    box.replaceChildren(...chosen.names.map((name, i) => {
      const button = element("button", ""), dot = element("i", "");
      button.type = "button";
      dot.style.background = chosen.colours[i];
      button.append(dot, name);
      const light = (on) => () => {
        view.lit = on ? i : null;
        box.classList.toggle("some", on);
        button.classList.toggle("lit", on);
        redraw();
      };
      button.onpointerenter = button.onfocus = light(true);
      button.onpointerleave = button.onblur = light(false);
      return button;
    }), ...unknown(chosen));
  }

  // Movies without a value are grey, as other genres are.
  function unknown({ kind, names, values }) {
    if (!values.includes(kind === "names" ? -1 : null) || names?.includes("other")) return [];
    const entry = element("span", "entry"), dot = element("i", "");
    dot.style.background = GREY;
    entry.append(dot, "not known");
    return [entry];
  }

  // ---- drawing

  function redraw(now = false) {
    if (now) {
      cancelAnimationFrame(view.frame);
      view.frame = 0;
      draw();
    } else {
      view.frame ||= requestAnimationFrame(() => {
        view.frame = 0;
        draw();
      });
    }
  }

  function draw() {
    if (!view.size.w || !view.data) return;
    const style = getComputedStyle(stage), ink = {
      text: style.getPropertyValue("--st-text-color") || "#222",
      back: style.getPropertyValue("--st-background-color") || "#fff",
      primary: style.getPropertyValue("--st-primary-color") || "#5b4bb7",
    };
    const marks = marked();
    // While only the pointer moves, the points stay as they are.
    const { x, y, k } = view.camera, { w, h } = view.size;
    const drawn = [x, y, k, w, h, view.lit, marks.dim, view.colouring.name, view.data.key, ink.back].join();
    const moving = view.frames.some((frame) => frame.x !== frame.to.x);
    for (const [i, frame] of view.frames.entries()) {
      if (moving || drawn !== view.drawn) drawPoints(frame, marks, ink);
      drawMarks(frame, i, marks, ink, moving);
    }
    view.drawn = moving ? null : drawn;
  }

  function marked() {
    const one = shown();
    const movie = one?.movie ?? null;
    const chosen = view.waiting ?? movie?.place ?? null;
    const lists = view.waiting !== null || chosen === null ? [] : movie.lists;
    return {
      chosen, lists, user: one?.user ?? null,
      dim: chosen !== null || !!(one?.user && one.user.history.length + one.user.recommended.flat().length),
    };
  }

  const radiusAt = (n) => view.radii[n] * Math.min((view.camera.k / view.least) ** 0.3, 2.4) * (view.size.w < 460 ? 0.75 : 1);

  function drawPoints(frame, marks, ink) {
    const ctx = frame.base.getContext("2d"), ratio = window.devicePixelRatio || 1;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, frame.base.width, frame.base.height);
    (inSight(frame) > MANY ? drawPixels : drawDots)(ctx, frame, marks, ink, ratio);
  }

  function inSight({ x, y }) {
    if (x.length <= MANY) return x.length;
    const { camera, size } = view, halfX = size.w / 2 / camera.k, halfY = size.h / 2 / camera.k;
    let count = 0;
    for (let n = 0; n < x.length; n++) if (Math.abs(x[n] - camera.x) < halfX && Math.abs(y[n] - camera.y) < halfY) count++;
    return count;
  }

  const isDim = (n, marks) => (view.lit === null ? marks.dim : view.buckets[n] !== view.lit);

  function drawDots(ctx, frame, marks, ink, ratio) {
    const { x, y, k } = view.camera, { w, h } = view.size;
    for (let n = frame.x.length - 1; n >= 0; n--) { // the most popular last: on top
      const sx = w / 2 + (frame.x[n] - x) * k, sy = h / 2 - (frame.y[n] - y) * k;
      if (sx < -9 || sy < -9 || sx > w + 9 || sy > h + 9) continue;
      const sprite = dot(view.colours[view.buckets[n]], Math.round(radiusAt(n) * 2) / 2, ratio);
      ctx.globalAlpha = isDim(n, marks) ? DIM : BRIGHT;
      ctx.drawImage(sprite, Math.round(sx * ratio - sprite.width / 2), Math.round(sy * ratio - sprite.height / 2));
    }
    ctx.globalAlpha = 1;
  }

  function dot(colour, radius, ratio) {
    const key = `${colour} ${radius} ${ratio}`;
    let sprite = view.sprites.get(key);
    if (!sprite) {
      sprite = document.createElement("canvas");
      sprite.width = sprite.height = 2 * Math.ceil(radius * ratio) + 2;
      const ctx = sprite.getContext("2d");
      ctx.fillStyle = colour;
      ctx.arc(sprite.width / 2, sprite.width / 2, radius * ratio, 0, 2 * Math.PI);
      ctx.fill();
      view.sprites.set(key, sprite);
    }
    return sprite;
  }

  function drawPixels(ctx, frame, marks, ink, ratio) {
    const width = frame.base.width, height = frame.base.height, { x, y, k } = view.camera;
    if (!frame.pixels || frame.pixels.width !== width || frame.pixels.height !== height) {
      frame.pixels = ctx.createImageData(width, height);
      frame.words = new Uint32Array(frame.pixels.data.buffer);
    }
    const words = frame.words.fill(0), scale = k * ratio;
    const bright = Uint32Array.from(view.colours, (one) => packed(one, BRIGHT)), dim = Uint32Array.from(view.colours, (one) => packed(one, DIM));
    for (let n = frame.x.length - 1; n >= 0; n--) {
      const size = Math.max(1, Math.round(radiusAt(n) * ratio)), half = size >> 1;
      const left = Math.round(width / 2 + (frame.x[n] - x) * scale) - half, top = Math.round(height / 2 - (frame.y[n] - y) * scale) - half;
      if (left < 0 || top < 0 || left + size > width || top + size > height) continue;
      const word = (isDim(n, marks) ? dim : bright)[view.buckets[n]];
      for (let row = top; row < top + size; row++) words.fill(word, row * width + left, row * width + left + size);
    }
    ctx.putImageData(frame.pixels, 0, 0);
  }

  function drawMarks(frame, i, marks, ink, moving) {
    const ctx = frame.over.getContext("2d"), ratio = window.devicePixelRatio || 1, { w, h } = view.size;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, w, h);
    const at = (n) => toScreen(frame, n);
    const near = marks.lists[i]?.movies ?? [];
    if (marks.chosen !== null) {
      const [cx, cy] = at(marks.chosen);
      ctx.strokeStyle = ink.primary;
      for (const { place, similarity } of near) {
        ctx.globalAlpha = 0.25 + 0.55 * Math.max(similarity, 0);
        ctx.lineWidth = 0.6 + 2 * Math.max(similarity, 0);
        ctx.beginPath();
        ctx.moveTo(cx, cy);
        ctx.lineTo(...at(place));
        ctx.stroke();
      }
      ctx.globalAlpha = 1;
    }
    for (const [j, n] of (marks.user?.history ?? []).entries()) {
      spot(ctx, at(n), radiusAt(n) + 0.4 * marks.user.stars[j], view.colours[view.buckets[n]], ink.text, 1.1);
    }
    for (const n of marks.user?.recommended[i] ?? []) diamond(ctx, at(n), ink);
    for (const { place } of near) spot(ctx, at(place), radiusAt(place) + 1.5, view.colours[view.buckets[place]], ink.back, 1.5);
    if (marks.chosen !== null) {
      spot(ctx, at(marks.chosen), radiusAt(marks.chosen) + 3, view.colours[view.buckets[marks.chosen]], ink.primary, 3);
    }
    const hovered = view.hover ?? bus().hover;
    if (hovered !== null) spot(ctx, at(hovered), radiusAt(hovered) + 2, view.colours[view.buckets[hovered]], ink.text, 2);
    if (!moving) labels(ctx, frame, i, marks, near, hovered, ink);
  }

  function labels(ctx, frame, i, marks, near, hovered, ink) {
    const { w, h } = view.size, boxes = [], most = Math.round(((w * h) / AREA) * Math.min(Math.max(view.camera.k / view.least, 1), 2));
    const named = frame === view.under ? null : hovered; // under the pointer, the tip names it
    const first = [marks.chosen, named, ...near.map(({ place }) => place), ...(marks.user?.recommended[i] ?? [])].filter((n) => n !== null);
    ctx.lineJoin = "round";
    ctx.lineWidth = 3.5;
    ctx.strokeStyle = ink.back;
    ctx.fillStyle = ink.text;
    const put = (n, bold) => {
      const [x, y] = toScreen(frame, n), font = `${bold ? "600 12.5px" : "11.5px"} ${getComputedStyle(stage).fontFamily}`;
      if (x < 4 || y < 4 || x > w - 4 || y > h - 4) return false;
      const text = short(view.data.titles[n]), width = widthOf(ctx, text, font), off = radiusAt(n) + 4;
      for (const [left, align] of [[x + off, "left"], [x - off - width, "right"]]) {
        const box = [left - 3, y - 8, left + width + 3, y + 8];
        if (box[0] < 2 || box[2] > w - 2 || boxes.some((one) => box[0] < one[2] && one[0] < box[2] && box[1] < one[3] && one[1] < box[3])) continue;
        boxes.push(box);
        ctx.font = font;
        ctx.textBaseline = "middle";
        ctx.strokeText(text, left, y);
        ctx.fillText(text, left, y);
        return true;
      }
      return false;
    };
    if (view.data.maps.length > 1) boxes.push([0, 0, w * 0.75, 28]); // the name of the map
    const done = new Set(first);
    for (const n of done) put(n, n === marks.chosen || n === named);
    if (marks.dim) return; // then only what is marked is named
    for (let n = 0, count = 0, tried = 0; n < frame.x.length && count < most && tried < 400; n++) {
      if (done.has(n) || (view.lit !== null && view.buckets[n] !== view.lit)) continue;
      const [x, y] = toScreen(frame, n);
      if (x < 0 || y < 0 || x > w || y > h) continue;
      tried++;
      if (put(n, false)) count++;
    }
  }

  function widthOf(ctx, text, font) {
    const key = font + text;
    if (!view.label.has(key)) {
      ctx.font = font;
      view.label.set(key, ctx.measureText(text).width);
    }
    return view.label.get(key);
  }

  function toScreen(frame, n) {
    const { x, y, k } = view.camera, { w, h } = view.size;
    return [w / 2 + (frame.x[n] - x) * k, h / 2 - (frame.y[n] - y) * k];
  }

  // ---- moving about

  function zoom(factor, sx = view.size.w / 2, sy = view.size.h / 2) {
    const { x, y, k } = view.camera, { w, h } = view.size;
    const next = Math.min(Math.max(k * factor, view.least * 0.6), view.least * MOST_ZOOM);
    const wx = x + (sx - w / 2) / k, wy = y - (sy - h / 2) / k;
    view.camera = { x: wx - (sx - w / 2) / next, y: wy + (sy - h / 2) / next, k: next };
    view.moved = true;
    leave();
    redraw();
  }

  function pan(dx, dy) {
    const { x, y, k } = view.camera;
    view.camera = { x: x - dx / k, y: y + dy / k, k };
    view.moved = true;
    redraw();
  }

  function fit() {
    view.moved = false;
    view.camera = whole();
    redraw();
  }

  // Bring a movie into sight, where it is out of it.
  function reveal(n) {
    const [x, y] = toScreen(view.frames[0], n), { w, h } = view.size;
    if (x > 40 && y > 40 && x < w - 40 && y < h - 40) return;
    view.camera = { x: view.frames[0].to.x[n], y: view.frames[0].to.y[n], k: view.camera.k };
    view.moved = true;
  }

  function follow(frame) {
    const { over } = frame, pointers = new Map();
    let from = null, spread = 0;
    const place = (event) => {
      const box = over.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    over.onpointerdown = (event) => {
      over.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, place(event));
      from = pointers.size === 1 ? place(event) : null;
      spread = 0;
    };
    over.onpointermove = (event) => {
      const now = place(event), before = pointers.get(event.pointerId);
      if (!before) {
        if (event.pointerType !== "touch") hover(frame, nearest(frame, ...now), now);
        return;
      }
      pointers.set(event.pointerId, now);
      if (pointers.size === 2) {
        const [a, b] = [...pointers.values()], wide = Math.hypot(a[0] - b[0], a[1] - b[1]);
        if (spread) zoom(wide / spread, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2);
        spread = wide;
      } else if (!from || Math.hypot(now[0] - from[0], now[1] - from[1]) > CLICK) {
        from = null;
        over.classList.add("dragged");
        leave();
        pan(now[0] - before[0], now[1] - before[1]);
      }
    };
    over.onpointerup = over.onpointercancel = (event) => {
      pointers.delete(event.pointerId);
      over.classList.remove("dragged");
      if (from && event.type === "pointerup") choose(nearest(frame, ...place(event)));
      from = null;
    };
    over.onpointerleave = leave;
    over.addEventListener("wheel", (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY;
      zoom(Math.exp(-Math.max(-120, Math.min(120, pixels)) / 500), ...place(event));
    }, { passive: false });
    over.onkeydown = (event) => {
      const arrows = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
      if (event.key in arrows) pan(...arrows[event.key]);
      else if (event.key === "+" || event.key === "=") zoom(1.4);
      else if (event.key === "-") zoom(1 / 1.4);
      else if (event.key === "0") fit();
      else if (event.key === "Escape") choose(null);
      else return;
      event.preventDefault();
    };
  }

  function nearest(frame, sx, sy) {
    const { x, y, k } = view.camera, { w, h } = view.size;
    return frame.index(x + (sx - w / 2) / k, y - (sy - h / 2) / k, NEAR / k);
  }

  function leave() {
    hover(null, null);
  }

  function hover(frame, n, at) {
    if (n !== view.hover || frame !== view.under) {
      view.hover = n;
      view.under = n === null ? null : frame; // the map that the pointer is on
      for (const one of view.frames) one.over.classList.toggle("near", n !== null);
      redraw();
    }
    tip.hidden = n === null;
    if (n === null) return;
    const { titles, years, genres, kinds, counts } = view.data, value = view.colouring.values[n];
    const title = titles[n] + (years[n] && !titles[n].includes(years[n]) ? ` (${years[n]})` : "");
    const line = [kinds[genres[n]], `${counts[n].toLocaleString("en")} ratings`];
    if (view.colouring.stars) line.push(`${(value / 100).toFixed(1)} ★`);
    tip.replaceChildren(element("b", "", title), element("span", "", line.filter(Boolean).join(" · ")));
    const box = frame.box.getBoundingClientRect(), outer = stage.getBoundingClientRect();
    const left = box.left - outer.left + at[0], top = box.top - outer.top + at[1];
    tip.style.left = `${left + 16 + tip.offsetWidth > outer.width ? left - 16 - tip.offsetWidth : left + 16}px`;
    tip.style.top = `${Math.max(0, Math.min(top + 16, outer.height - tip.offsetHeight - 4))}px`;
  }

  function choose(n) {
    if (n === null && marked().chosen === null) return;
    tip.hidden = true;
    pick(n);
    bus().send?.(n === null ? "" : view.data.ids[n]);
  }

  // Mark a movie at once; its neighbours follow with the server's answer.
  function pick(n) {
    view.waiting = n;
    if (n === null && bus().shown) bus().shown = view.answer = { ...bus().shown, movie: null };
    if (n !== null) reveal(n);
    redraw();
  }

  find("in").onclick = () => zoom(1.5);
  find("out").onclick = () => zoom(1 / 1.5);
  find("fit").onclick = fit;
  return view;
}

// A grid over the movies: the nearest one to a place is looked for in a few cells only.
function makeIndex(x, y) {
  const n = x.length, side = Math.max(1, Math.ceil(Math.sqrt(n / 2)));
  let left = Infinity, right = -Infinity, bottom = Infinity, top = -Infinity;
  for (let i = 0; i < n; i++) {
    left = Math.min(left, x[i]); right = Math.max(right, x[i]);
    bottom = Math.min(bottom, y[i]); top = Math.max(top, y[i]);
  }
  const size = Math.max(right - left, top - bottom, 1e-9) / side;
  const clamp = (value) => Math.min(Math.max(Math.floor(value), 0), side - 1);
  const cellOf = (i) => clamp((y[i] - bottom) / size) * side + clamp((x[i] - left) / size);
  const starts = new Uint32Array(side * side + 1), order = new Uint32Array(n);
  for (let i = 0; i < n; i++) starts[cellOf(i) + 1]++;
  for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
  const next = starts.slice();
  for (let i = 0; i < n; i++) order[next[cellOf(i)]++] = i;
  return (px, py, within) => {
    let best = null, least = within * within;
    for (let row = clamp((py - within - bottom) / size); row <= clamp((py + within - bottom) / size); row++) {
      for (let column = clamp((px - within - left) / size); column <= clamp((px + within - left) / size); column++) {
        for (let p = starts[row * side + column]; p < starts[row * side + column + 1]; p++) {
          const i = order[p], far = (x[i] - px) ** 2 + (y[i] - py) ** 2;
          if (far < least) { least = far; best = i; }
        }
      }
    }
    return best;
  };
}

function spot(ctx, [x, y], radius, fill, stroke, width) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = fill;
  ctx.fill();
  ctx.strokeStyle = stroke;
  ctx.lineWidth = width;
  ctx.stroke();
}

// In the colour of the text: none of a scale's or a genre's colours is like it.
function diamond(ctx, [x, y], ink) {
  ctx.beginPath();
  for (const [dx, dy] of [[0, -7], [7, 0], [0, 7], [-7, 0]]) ctx.lineTo(x + dx, y + dy);
  ctx.closePath();
  ctx.fillStyle = ink.text;
  ctx.fill();
  ctx.strokeStyle = ink.back;
  ctx.lineWidth = 1.5;
  ctx.stroke();
}

function rgb(colour) {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

function packed(colour, alpha) {
  const [r, g, b] = rgb(colour);
  return ((Math.round(alpha * 255) << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

// The colour at 0 to 1 of the scale.
function between(t) {
  const at = t * (RAMP.length - 1), i = Math.min(Math.floor(at), RAMP.length - 2), a = rgb(RAMP[i]), b = rgb(RAMP[i + 1]);
  return "#" + a.map((value, j) => Math.round(value + (at - i) * (b[j] - value)).toString(16).padStart(2, "0")).join("");
}

function short(title) {
  const plain = title.replace(/ \(.*\)$/, "");
  return plain.length > 30 ? plain.slice(0, 28).trimEnd() + "…" : plain;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
