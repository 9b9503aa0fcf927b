// The board of a new user: movies to rate, the ratings given, and what the models would show. A
// click changes the board at once and tells Python, which answers with new lists; movies glide to
// their new places.
const LEAST_CHANGE = 0.05; // of predicted stars that is shown
const SEARCH_DELAY = 120; // ms after the last letter
const MOST_GLIDING = 40; // children of a box; in longer ones nothing glides, it would take too long
const views = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = makeView(parentElement);
    views.set(parentElement, view);
  }
  view.send = (told) => setStateValue("told", told);
  view.receive(data);
}

function makeView(root) {
  const find = (name) => root.querySelector("." + name);
  const view = {
    data: null, number: 0, ratings: new Map(), skipped: [], slots: [], of: null,
    blend: null, // step of the slider
    rated: "", stars: new Map(), changes: new Map(), // the ratings of the lists, the stars predicted from them, and how they changed
    all: false, // whether all ratings are shown, however many
    pointer: [], // where it was pressed last
  };
  const search = find("search"), slider = find("slider"), ratingsBox = find("ratings"), more = find("more");
  const kept = keptRatings();
  root.addEventListener("pointerdown", (event) => { view.pointer = [event.clientX, event.clientY]; }, true);

  view.receive = (data) => {
    // While a later click is under way, this is the answer to an earlier one.
    if (view.of === data.of && data.answered < view.number) return;
    const first = view.of !== data.of;
    view.number = data.answered;
    view.of = data.of;
    noteChanges(data);
    view.data = data;
    view.blend = data.blend ? data.blend.step : null;
    if (first) {
      view.slots = [];
      search.value = data.query;
    }
    view.ratings = new Map(data.ratings.map((movie) => [movie.id, movie]));
    view.skipped = data.skipped;
    if (first && !data.ratings.length) {
      const ratings = kept.read(data.of);
      if (ratings.length) tell(ratings);
    } else {
      kept.write(data.of, data.keep ? pairs() : []);
    }
    draw();
  };

  const pairs = () => [...view.ratings.values()].map((movie) => [movie.id, movie.stars]);

  function tell(ratings = pairs()) {
    view.number += 1;
    view.send({ number: view.number, ratings, skipped: view.skipped, query: search.value.trim(), blend: view.blend });
  }

  // How far the last rating has moved the predicted stars of the movies that are still in a list.
  function noteChanges(data) {
    const rated = JSON.stringify(data.ratings.map((movie) => [movie.id, movie.stars]));
    const changed = rated !== view.rated, before = view.stars;
    if (changed) Object.assign(view, { rated, stars: new Map(), changes: new Map() });
    for (const list of data.lists) for (const movie of list.movies) {
      const key = `${list.model} ${movie.id}`;
      if (changed && before.get(key) && movie.stars) view.changes.set(key, movie.stars - before.get(key));
      view.stars.set(key, movie.stars);
      movie.change = view.changes.get(key);
    }
  }

  function rate(movie, stars) {
    const known = view.ratings.get(movie.id);
    if (known && known.stars === stars) return;
    if (known) known.stars = stars; // it stays where it is among the ratings
    else view.ratings.set(movie.id, { ...movie, stars });
    if (search.value) search.value = "";
    draw();
    tell();
  }

  function remove(movie) {
    view.ratings.delete(movie.id);
    draw();
    tell();
  }

  function skip(movie) {
    view.skipped = [...view.skipped, movie.id];
    draw();
    tell();
  }

  let timer = 0;
  const tellSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => tell(), SEARCH_DELAY);
  };
  search.oninput = () => {
    tellSoon();
    draw();
  };
  slider.oninput = () => {
    view.blend = Number(slider.value);
    tellSoon();
  };

  function drawBlend() {
    const { blend } = view.data, box = find("blend");
    box.hidden = !blend;
    if (!blend) return;
    box.title = blend.help;
    slider.max = blend.steps;
    slider.value = view.blend;
    find("name").textContent = `${blend.label}:`;
    find("value").textContent = blend.value;
    slider.setAttribute("aria-valuetext", blend.value);
  }

  more.onclick = () => {
    view.all = !view.all;
    drawMore();
  };

  // More ratings than have room are cut, and the button says how many there are.
  function drawMore() {
    ratingsBox.classList.remove("all", "cut");
    const isCut = ratingsBox.scrollHeight > ratingsBox.clientHeight + 1;
    ratingsBox.classList.toggle("all", isCut && view.all);
    ratingsBox.classList.toggle("cut", isCut && !view.all);
    more.hidden = !isCut;
    more.textContent = view.all ? "Show fewer" : `Show all ${view.ratings.size}`;
  }
  new ResizeObserver(drawMore).observe(find("rated"));

  function draw() {
    const several = view.data.lists.length > 1;
    find("board").classList.toggle("several", several);
    drawTiles();
    drawRatings();
    find("sentence").textContent = view.data.sentence;
    drawBlend();
    drawLists(find("lists"), view.data.lists);
  }

  function drawTiles() {
    const query = search.value.trim(), answered = view.data.query === query;
    const tiles = find("tiles"), nothing = find("nothing");
    const shown = query ? view.data.found : fillSlots(tiles);
    const focused = [...tiles.children].findIndex((tile) => tile.contains(focus()));
    const old = new Set(tiles.children);
    tiles.classList.toggle("results", Boolean(query));
    tiles.classList.toggle("waiting", Boolean(query) && !answered);
    nothing.hidden = shown.length > 0 || (Boolean(query) && !answered);
    nothing.textContent = query ? "No movie with this in its title." : "You have rated every movie.";
    keepChildren(tiles, shown, (movie) => makeTile(movie, Boolean(query)));
    for (const tile of tiles.children) {
      light(tile, view.ratings.get(tile.dataset.id)?.stars);
      if (!old.has(tile)) untouched(tile);
    }
    // For those who use the keyboard, the next movie is where the rated one was.
    if (focused >= 0 && !tiles.contains(focus())) {
      tiles.children[focused]?.querySelector(".star, .pick")?.focus({ preventScroll: true });
    }
  }

  // Until the pointer moves over it: it may have come to lie under a pointer that rests.
  function untouched(tile) {
    const [x, y] = view.pointer;
    tile.classList.add("fresh");
    tile.onpointermove = (event) => {
      if (event.clientX === x && event.clientY === y) return;
      tile.classList.remove("fresh");
      tile.onpointermove = null;
    };
  }

  const focus = () => root.getRootNode().activeElement;

  // A rated or skipped movie gives its place to a fresh one; all others stay where they are, but
  // those that a narrow window hides are as good as fresh.
  function fillSlots(box) {
    const { ask, tiles } = view.data, drawn = [...box.children];
    const open = (movie) => !view.ratings.has(movie.id) && !view.skipped.includes(movie.id);
    const hidden = new Set(drawn.filter((one) => !one.checkVisibility()).map((one) => one.dataset.id));
    const slots = view.slots.map((movie) => (open(movie) && !hidden.has(movie.id) ? movie : null));
    const used = new Set(slots.filter(Boolean).map((movie) => movie.id));
    const fresh = ask.filter((movie) => open(movie) && !used.has(movie.id));
    while (slots.length < tiles) slots.push(null);
    view.slots = slots.map((movie) => movie ?? fresh.shift()).filter(Boolean);
    return view.slots;
  }

  function makeTile(movie, isFound) {
    const tile = element("div", "tile");
    tile.dataset.id = movie.id;
    const title = element("div", "title", movie.title);
    title.title = movie.title;
    tile.append(title, element("div", "about", movie.about), element("div", "push"));
    tile.append(makeScale(movie, (stars) => rate(movie, stars)));
    if (!isFound) {
      const button = element("button", "plain skip", "haven’t seen");
      button.type = "button";
      button.setAttribute("aria-label", `Haven’t seen ${movie.title}`);
      button.onclick = () => skip(movie);
      tile.append(button);
    }
    return tile;
  }

  function drawRatings() {
    const movies = [...view.ratings.values()].reverse();
    find("count").textContent = movies.length ? movies.length : "";
    find("none").hidden = movies.length > 0;
    keepChildren(ratingsBox, movies, (movie) => {
      const row = element("li", "rating");
      row.dataset.id = movie.id;
      const title = element("span", "title", movie.title);
      title.title = movie.title;
      const button = element("button", "plain remove", "×");
      button.type = "button";
      button.setAttribute("aria-label", `Remove the rating of ${movie.title}`);
      button.onclick = () => remove(movie);
      row.append(title, makeScale(movie, (stars) => rate(movie, stars)), button);
      return row;
    });
    for (const row of ratingsBox.children) light(row, view.ratings.get(row.dataset.id).stars);
    drawMore();
  }

  // Stars to click, or where the scale has no stars, a number to choose or type.
  function makeScale(movie, onRate) {
    const { stars, values, low, high } = view.data.scale;
    if (stars) {
      const row = element("div", "stars");
      row.setAttribute("role", "group");
      row.setAttribute("aria-label", `Rate ${movie.title}`);
      values.forEach((value, i) => {
        const from = i ? values[i - 1] : 0, button = element("button", "star");
        button.type = "button";
        button.dataset.stars = value;
        button.style.setProperty("--part", value - from);
        button.style.setProperty("--from", from % 1);
        button.title = `${value} ${value === 1 ? "star" : "stars"}`;
        button.setAttribute("aria-label", button.title);
        button.onclick = () => onRate(value);
        row.append(button);
      });
      return row;
    }
    const pick = element(values.length ? "select" : "input", "pick");
    pick.setAttribute("aria-label", `Rate ${movie.title}, ${low} to ${high}`);
    if (values.length) {
      const none = element("option", "", `rate ${low}–${high}`);
      none.value = "";
      none.disabled = true;
      pick.append(none, ...values.map((value) => {
        const option = element("option", "", value);
        option.value = value;
        return option;
      }));
    } else {
      Object.assign(pick, { type: "number", min: low, max: high, step: "any", placeholder: `rate ${low}–${high}` });
    }
    pick.onchange = () => {
      const value = Number(pick.value);
      if (pick.value !== "" && value >= low && value <= high) onRate(value);
      else light(pick.parentElement, view.ratings.get(movie.id)?.stars);
    };
    return pick;
  }
  return view;
}

function light(box, stars) {
  for (const star of box.querySelectorAll(".star")) {
    star.classList.toggle("lit", Number(star.dataset.stars) <= (stars ?? 0));
  }
  const pick = box.querySelector(".pick");
  if (pick && document.activeElement !== pick) pick.value = stars ?? "";
  else if (pick && stars !== undefined) pick.value = stars;
}

// Show these movies, keeping the elements of those that are there already; new ones fade in.
function keepChildren(box, movies, make) {
  const old = new Map([...box.children].map((child) => [child.dataset.id, child]));
  const places = movies.length > MOST_GLIDING ? new Map() : before(box);
  movies.forEach((movie, i) => {
    const child = old.get(movie.id) ?? make(movie);
    if (box.children[i] !== child) box.insertBefore(child, box.children[i] ?? null);
    old.delete(movie.id);
  });
  for (const child of old.values()) child.remove();
  glide(box, places);
}

function drawLists(box, lists) {
  while (box.children.length > lists.length) box.lastChild.remove();
  lists.forEach((list, i) => {
    const column = box.children[i] ?? box.appendChild(makeList());
    const label = column.querySelector(".label"), movies = column.querySelector(".movies");
    label.textContent = label.title = list.label;
    label.hidden = !list.label;
    const notes = column.querySelector(".notes");
    notes.replaceChildren(...list.notes.map((text) => element("p", "note", text)));
    const places = before(movies);
    movies.replaceChildren(...list.movies.map((movie, rank) => makeRow(movie, rank + 1)));
    glide(movies, places);
  });
}

function makeList() {
  const column = element("div", "column");
  column.append(element("div", "label"), element("div", "notes"), element("ol", "movies"));
  return column;
}

function makeRow(movie, rank) {
  const row = element("li", "movie"), what = element("div", "what");
  row.dataset.id = movie.id;
  const title = element("div", "title", movie.title);
  title.title = movie.title;
  const about = element("div", "about", movie.why || movie.about);
  about.title = about.textContent;
  what.append(title, about);
  row.append(element("span", "rank", rank), what);
  const predicted = element("span", "predicted", movie.stars ? `${movie.stars} ★` : "");
  if (Math.abs(movie.change ?? 0) >= LEAST_CHANGE) {
    const change = element("span", "change", `${movie.change > 0 ? "▲" : "▼"} ${Math.abs(movie.change).toFixed(1)}`);
    change.title = "How far your last rating has moved the predicted stars.";
    predicted.prepend(change);
  }
  row.append(predicted);
  return row;
}

// Where the children of a box stand in it: by movie.
function before(box) {
  return new Map([...box.children].map((child) => [child.dataset.id, [child.offsetLeft, child.offsetTop]]));
}

function glide(box, places) {
  if (!places.size || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const child of box.children) {
    const was = places.get(child.dataset.id);
    if (!was) {
      child.animate([{ opacity: 0, transform: "scale(0.97)" }, { opacity: 1, transform: "none" }], { duration: 260 });
      continue;
    }
    const x = was[0] - child.offsetLeft, y = was[1] - child.offsetTop;
    if (x || y) {
      child.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
        duration: 380, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)",
      });
    }
  }
}

// Ratings that do not fit into a link are kept by the browser, by data set.
function keptRatings() {
  const name = (of) => `duet.rated.${of}`;
  return {
    read(of) {
      try {
        const ratings = JSON.parse(localStorage.getItem(name(of)) ?? "[]");
        return Array.isArray(ratings) ? ratings : [];
      } catch {
        return []; // not ours, or the browser keeps nothing
      }
    },
    write(of, ratings) {
      try {
        if (ratings.length) localStorage.setItem(name(of), JSON.stringify(ratings));
        else localStorage.removeItem(name(of));
      } catch {
        // The browser keeps nothing: the ratings last as long as the session.
      }
    },
  };
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = text;
  return made;
}
