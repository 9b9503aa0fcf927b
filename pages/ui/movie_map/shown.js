// The search, the highlighted movie and its nearest neighbours; it also hands to the map (points.js)
// what is marked.
const MOST_FOUND = 8;

export default function ({ data, parentElement, setTriggerValue }) {
  window.duetMovieMap ??= { points: null, pick: null, shown: null, send: null, hover: null, listeners: new Set() };
  const bus = window.duetMovieMap;
  bus.shown = data;
  bus.hover = null;
  bus.send = (id) => setTriggerValue("movie", { id }); // also of clicks on the map
  tell(bus);
  const choose = (id, place) => {
    if (bus.points?.key === data.key) bus.pick?.(place);
    bus.send(id);
  };
  search(parentElement, bus, choose);
  draw(parentElement.querySelector(".list"), data, bus, choose);
}

// The titles are those that the map has received.
function search(root, bus, choose) {
  const query = root.querySelector(".query"), found = root.querySelector(".found");
  let titles = null, texts = [];
  const option = (place) => {
    const { ids, years } = bus.points, button = element("button", "", titles[place] + " ");
    button.type = "button";
    if (years[place]) button.append(element("small", "", years[place]));
    button.onclick = () => {
      query.value = "";
      found.hidden = true;
      choose(ids[place], place);
    };
    return button;
  };
  query.oninput = () => {
    const words = folded(query.value).split(/\s+/).filter(Boolean);
    found.hidden = !words.length;
    if (!words.length || !bus.points) return;
    if (titles !== bus.points.titles) {
      titles = bus.points.titles;
      texts = titles.map(folded);
    }
    const hits = [];
    for (let n = 0; n < texts.length && hits.length < MOST_FOUND; n++) {
      if (words.every((word) => texts[n].includes(word))) hits.push(n);
    }
    found.replaceChildren(...(hits.length ? hits.map(option) : [element("div", "none", `No movie on the map has this in its title. ${bus.points.rule}`)]));
  };
  query.onkeydown = (event) => {
    if (event.key === "Enter") found.querySelector("button")?.click();
    if (event.key === "Escape") found.hidden = true;
  };
}

function folded(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

function tell(bus) {
  for (const listen of bus.listeners) listen();
}

function draw(box, data, bus, choose) {
  const parts = [];
  if (data.user) {
    const marks = element("div", "marks");
    if (data.user.history.length) marks.append(mark("ring", "rated by this person"));
    if (data.user.recommended.flat().length) marks.append(mark("diamond", data.user.recommended.length > 1 ? "recommended by each model" : "recommended"));
    parts.push(marks);
  }
  if (data.movie) parts.push(...movie(data.movie, bus, choose));
  else parts.push(element("div", "hint", "Click a movie: here are the ones nearest to it in all dimensions of the model."));
  box.replaceChildren(...parts);
}

function movie(one, bus, choose) {
  const top = element("div", "top"), clear = element("button", "clear", "×");
  clear.type = "button";
  clear.setAttribute("aria-label", "Highlight no movie");
  clear.onclick = () => choose("", null);
  top.append(element("div", "heading", one.title), clear);
  const parts = [top, element("div", "about", one.about)];
  if (one.note) parts.push(element("div", "hint", one.note));
  const lists = element("div", "lists");
  for (const list of one.lists) {
    const column = element("div", "");
    const label = element("div", "label");
    const unit = element("span", "", "cosine");
    unit.title = "Cosine similarity of the movies’ vectors: 1 is the same direction, 0 is unrelated.";
    label.append(element("span", "", list.name ? `Nearest in ${list.name}` : "Nearest movies"), unit);
    const rows = element("ol", "");
    rows.append(...list.movies.map((near) => row(near, bus, choose)));
    column.append(label, rows);
    lists.append(column);
  }
  if (one.lists.length) parts.push(lists);
  if (one.lists.length > 1) parts.push(element("div", "hint both-hint", "Bold: among the nearest in both."));
  return parts;
}

function row(near, bus, choose) {
  const item = document.createElement("li"), button = element("button", near.both ? "neighbour both" : "neighbour"), bar = element("span", "bar");
  button.type = "button";
  button.title = near.both ? `${near.title}: near in both maps` : near.title;
  bar.style.width = `${Math.max(100 * near.similarity, 1)}%`;
  button.append(element("span", "title", near.title), element("span", "similarity", near.similarity.toFixed(2)), bar);
  const light = (on) => () => {
    bus.hover = on ? near.place : null;
    tell(bus);
  };
  button.onpointerenter = button.onfocus = light(true);
  button.onpointerleave = button.onblur = light(false);
  button.onclick = () => choose(near.id, near.place);
  item.append(button);
  return item;
}

function mark(kind, text) {
  const made = element("div", "key");
  made.append(element("span", kind), text);
  return made;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
