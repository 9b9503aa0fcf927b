// The recommended movies: tiles for one model, or lists side by side whose movies are joined by
// lines. A click chooses the movie that is explained.
const views = new WeakMap();

export default function ({ data, parentElement, setTriggerValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = { old: new Map() };
    views.set(parentElement, view);
  }
  const board = parentElement.querySelector(".board");
  board.classList.toggle("dark", isDark(board));
  const choose = (list, id) => {
    mark(board, list, id); // at once; the server's answer follows
    document.dispatchEvent(new CustomEvent("duet-movie")); // the panel comes into sight
    setTriggerValue("movie", { list, id });
  };
  const before = places(board);
  if (data.lists.length === 1) drawTiles(board, data.lists[0], choose);
  else drawColumns(board, data.lists, choose);
  mark(board, data.in_view, data.chosen);
  glide(board, before);
  const resized = new ResizeObserver(() => drawFlow(board));
  resized.observe(board);
  return () => resized.disconnect();
}

function drawTiles(board, list, choose) {
  const tiles = element("ol", "tiles");
  for (const movie of list.movies) {
    const tile = element("button", movie.hit ? "tile hit" : "tile");
    const top = element("span", "top");
    top.append(element("span", "rank", movie.rank), ...badges(movie), element("span", "space"), element("span", "stars", movie.stars));
    const title = element("span", "title", movie.title);
    const why = element("span", "why", movie.why);
    title.title = movie.title;
    why.title = movie.why;
    tile.append(top, title, element("span", "about", movie.about), why);
    tiles.append(item(tile, movie, 0, choose));
  }
  board.replaceChildren(tiles);
}

function drawColumns(board, lists, choose) {
  const scroll = element("div", "scroll"), columns = element("div", lists.length > 2 ? "columns many" : "columns");
  const count = new Map();
  for (const list of lists) for (const { id } of list.movies) count.set(id, (count.get(id) ?? 0) + 1);
  lists.forEach((list, place) => {
    const column = element("ol", "column");
    column.append(element("li", "name", list.name));
    for (const movie of list.movies) {
      const row = element("button", "row" + (movie.hit ? " hit" : "") + (count.get(movie.id) === 1 ? " only" : ""));
      const title = element("span", "title", movie.title);
      row.title = [movie.title, movie.why].filter(Boolean).join(": ");
      row.append(element("span", "rank", movie.rank), title, ...badges(movie), element("span", "stars", movie.stars));
      row.onmouseenter = () => light(board, movie.id);
      row.onmouseleave = () => light(board, null);
      column.append(item(row, movie, place, choose));
    }
    columns.append(column);
  });
  columns.append(document.createElementNS("http://www.w3.org/2000/svg", "svg"));
  columns.lastChild.setAttribute("class", "flow");
  scroll.append(columns);
  board.replaceChildren(scroll);
  drawFlow(board);
}

// Join the places of a movie in neighbouring lists. Rows may be gliding, so it is their places in
// the layout that count, not where they are seen.
function drawFlow(board) {
  const flow = board.querySelector(".flow");
  if (!flow) return;
  const lists = [...board.querySelectorAll(".column")].map(
    (column) => new Map([...column.querySelectorAll(".row")].map((row) => [row.dataset.id, row])),
  );
  flow.replaceChildren();
  lists.slice(1).forEach((right, i) => {
    for (const [id, row] of lists[i]) {
      if (!right.has(id)) continue;
      const to = right.get(id);
      const x1 = row.offsetLeft + row.offsetWidth, x2 = to.offsetLeft, middle = (x1 + x2) / 2;
      const y1 = row.offsetTop + row.offsetHeight / 2, y2 = to.offsetTop + to.offsetHeight / 2;
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", `M${x1},${y1} C${middle},${y1} ${middle},${y2} ${x2},${y2}`);
      path.setAttribute("class", row.classList.contains("hit") ? "hit" : "");
      path.dataset.id = id;
      flow.append(path);
    }
  });
}

function light(board, id) {
  for (const one of board.querySelectorAll(".row, .flow path")) one.classList.toggle("lit", one.dataset.id === id);
}

function mark(board, list, id) {
  for (const one of board.querySelectorAll(".tile, .row")) {
    const chosen = one.dataset.id === id && Number(one.dataset.list) === list;
    one.classList.toggle("chosen", chosen);
    one.setAttribute("aria-pressed", chosen);
  }
}

function badges(movie) {
  const made = [];
  if (movie.change) made.push(element("span", "badge change", movie.change));
  if (movie.own) made.push(element("span", "badge own", movie.own));
  return made;
}

function item(button, movie, list, choose) {
  button.type = "button";
  button.dataset.id = movie.id;
  button.dataset.list = list;
  button.onclick = () => choose(list, movie.id);
  const made = document.createElement("li");
  made.append(button);
  return made;
}

function places(board) {
  const found = new Map();
  for (const one of board.querySelectorAll("[data-list]")) {
    const box = one.getBoundingClientRect();
    found.set(`${one.dataset.list} ${one.dataset.id}`, { x: box.left, y: box.top });
  }
  return found;
}

// Movies that were on the board before move to their new places.
function glide(board, before) {
  if (!before.size || window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const one of board.querySelectorAll("[data-list]")) {
    const was = before.get(`${one.dataset.list} ${one.dataset.id}`), box = one.getBoundingClientRect();
    if (!was) one.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 250 });
    else if (was.x !== box.left || was.y !== box.top) {
      const from = `translate(${was.x - box.left}px, ${was.y - box.top}px)`;
      one.animate([{ transform: from, zIndex: 1 }, { transform: "none", zIndex: 1 }], { duration: 300, easing: "ease-out" });
    }
  }
}

function isDark(node) {
  const [r, g, b] = (getComputedStyle(node).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return (r + g + b) / 3 > 128; // the text is light
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
