// Why a movie is recommended: its place, the ratings it rests on, and what would change it.
const WAIT = 180; // ms after the last key until the titles are searched
const NARROW = 760; // px: in a narrower window the panel stands under the list
const LEAST = 250; // px of the panel that are to be in sight
const views = new WeakMap();

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement, panel = root.querySelector(".panel");
  let view = views.get(root);
  if (!view) {
    view = { mode: "", wanted: false };
    views.set(root, view);
  }
  if (view.known !== data.mode) view.mode = view.known = data.mode;
  view.report = (mode) => setStateValue("mode", mode);
  const choose = (id) => setTriggerValue("movie", { id });
  follow(panel);
  search(root, data, setStateValue, choose);
  draw(panel, data, view, choose);
  // Where the panel stands under the list, a click on a movie there leads to it.
  if (view.wanted && panel.getBoundingClientRect().top > window.innerHeight - LEAST) {
    panel.scrollIntoView({ behavior: "smooth", block: "nearest" });
  }
  view.wanted = false;
  const want = () => (view.wanted = true);
  document.addEventListener("duet-movie", want);
  return () => document.removeEventListener("duet-movie", want);
}

// The panel stays in sight beside a long list: Streamlit has no option for this.
function follow(panel) {
  const block = panel.getRootNode().host?.closest('[data-testid="stColumn"] > [data-testid="stVerticalBlock"]');
  if (!block) return;
  const beside = window.innerWidth >= NARROW;
  Object.assign(block.style, beside ? { position: "sticky", top: "4.5rem", height: "auto" } : { position: "", top: "", height: "" });
}

function search(root, data, setStateValue, choose) {
  const query = root.querySelector(".query"), found = root.querySelector(".found");
  let timer;
  query.oninput = () => {
    clearTimeout(timer);
    timer = setTimeout(() => setStateValue("query", query.value), WAIT);
    if (!query.value) found.hidden = true;
  };
  const take = (id) => {
    query.value = "";
    found.hidden = true;
    setStateValue("query", "");
    choose(id);
  };
  query.onkeydown = (event) => {
    if (event.key === "Enter" && data.found.length && query.value === data.query) take(data.found[0].id);
    if (event.key === "Escape") found.hidden = true;
  };
  found.hidden = !query.value;
  const none = element("div", "none", data.query ? "No movie has this in its title." : "…");
  const rows = data.found.map((movie) => button("", movie.title, () => take(movie.id)));
  found.replaceChildren(...(rows.length ? rows : [none]));
}

function draw(panel, data, view, choose) {
  const answer = panel.querySelector(".answer");
  const shown = data.modes.find((mode) => mode.kind === view.mode) ?? data.modes[0];
  const redraw = (mode) => {
    view.mode = view.known = mode.kind;
    draw(panel, data, view, choose);
    view.report(mode.kind);
  };
  panel.classList.toggle("stars", shown?.kind === "stars");
  const parts = [element("div", "heading", data.title), element("div", "about", data.about), facts(data.facts)];
  if (data.modes.length) {
    const modes = element("div", "modes");
    data.modes.forEach((mode) => {
      const one = button("", mode.name, () => redraw(mode));
      one.setAttribute("aria-pressed", mode === shown);
      modes.append(one);
    });
    parts.push(modes, ...bars(shown, choose));
  }
  if (data.without) parts.push(element("p", "line", data.without));
  if (data.wishes) parts.push(element("div", "label", data.wishes.text), chips(data.wishes.movies, choose));
  if (data.similar.length) parts.push(element("div", "label", "Similar movies"), chips(data.similar, choose));
  if (data.note) parts.push(element("div", "caption", data.note));
  answer.replaceChildren(...parts);
}

function facts(list) {
  const made = element("div", "facts");
  for (const fact of list) {
    const one = element("div", "fact");
    one.append(element("span", "name", fact.name), element("span", "value", fact.value), element("span", "note", fact.note));
    made.append(one);
  }
  return made;
}

function bars(mode, choose) {
  const grid = element("div", mode.has_ranks ? "grid ranks" : "grid");
  const most = Math.max(...mode.rows.map((row) => Math.abs(row.value)), 1e-9);
  const low = Math.min(0, ...mode.rows.map((row) => row.value)) / most;
  const high = Math.max(0, ...mode.rows.map((row) => row.value)) / most;
  const zero = -low / (high - low || 1);
  if (mode.has_ranks && mode.rows.length) {
    grid.append(element("span", "head"), element("span", "head"), element("span", "head number", "rank without"));
  }
  for (const row of mode.rows) {
    const what = element("div", "what"), movie = button("movie", "", () => choose(row.id));
    movie.title = row.title;
    movie.append(element("span", "", row.title), element("small", "", row.stars));
    const bar = element("span", "bar"), fill = element("i", row.value < 0 ? "minus" : "");
    const width = Math.abs(row.value) / most / (high - low || 1);
    fill.style.left = `${100 * (row.value < 0 ? zero - width : zero)}%`;
    fill.style.width = `${Math.max(100 * width, 1)}%`;
    bar.append(fill);
    what.append(movie, bar);
    grid.append(what, element("span", "number", row.text));
    if (mode.has_ranks) grid.append(element("span", row.rank === "=" ? "rank" : "rank moved", row.rank));
  }
  const together = mode.together ? [element("div", "together", mode.together)] : [];
  const sums = element("div", "sums");
  for (const [kind, one] of [...mode.sums.map((sum) => ["sum", sum]), ["sum total", mode.total]]) {
    const line = element("div", kind);
    line.append(element("span", "", one.name), element("span", "", one.text));
    sums.append(line);
  }
  return [element("div", "explained", mode.about), grid, ...together, sums];
}

function chips(movies, choose) {
  const made = element("div", "chips");
  for (const movie of movies) {
    const chip = button("", movie.title + " ", () => choose(movie.id));
    chip.title = movie.title;
    chip.append(element("small", "", movie.note));
    made.append(chip);
  }
  return made;
}

function button(name, text, onclick) {
  const made = element("button", name, text);
  made.type = "button";
  made.onclick = onclick;
  return made;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
