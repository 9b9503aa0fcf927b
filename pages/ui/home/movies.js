// One person's list of movies, with the serving blend: the list and the figures of all users follow
// its slider while it is dragged. When the list changes, movies glide to their new places.
const MOST_LEFT = 3; // movies that left the list and are named
const GLIDE = 350; // ms
const views = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let view = views.get(parentElement);
  if (!view) {
    view = makeView(parentElement);
    views.set(parentElement, view);
  }
  view.report = (place) => setStateValue("blend", place);
  view.receive(data);
  // The list comes first. The figures of all users take longer, and are asked for after it.
  if (data.model && !data.figures && view.asked !== data.model) {
    view.asked = data.model;
    setStateValue("model", data.model);
  }
  document.addEventListener("duet-weights", view.weights);
  return () => document.removeEventListener("duet-weights", view.weights);
}

function makeView(root) {
  const find = (name) => root.querySelector("." + name);
  const slider = find("slider");
  // At the slider's last place: the movies shown. Before that one: those shown then, if any.
  // `known` is the place that the server gave last, `sent` one that it has not answered yet.
  // `away`: the weights are dragged to another place than the one released last.
  const view = {
    data: null, place: 0, known: 0, sent: null, rest: [], before: null, titles: new Map(), away: false,
  };

  // While the weights are dragged, this is still the list of the place before. Without a model, it
  // is the same at every place.
  view.weights = ({ detail }) => {
    view.away = detail.away && Boolean(view.data.model);
    // From the release on, until the server answers, the list stays as it is.
    if (!detail.released) find("list").classList.toggle("old", view.away);
  };

  view.receive = (data) => {
    find("list").classList.toggle("old", view.away);
    const other = !view.data || view.data.person !== data.person || !view.data.model || !data.model;
    view.data = data;
    for (const part of ["who", "liked"]) find(part).textContent = find(part).title = data[part];
    for (const movie of data.movies) view.titles.set(movie.id, movie.title);
    if (view.sent === data.blend) view.sent = null;
    if (view.sent === null && view.known !== data.blend) view.place = view.known = data.blend;
    view.place = Math.min(view.place, data.lists.length - 1);
    slider.max = data.lists.length - 1;
    slider.value = view.place;
    root.querySelector(".blend").hidden = find("all-users").hidden = data.lists.length < 2;
    if (other) {
      view.rest = shown().map((movie) => movie.id);
      view.before = null;
    }
    rest();
  };
  slider.oninput = () => {
    view.place = view.sent = Number(slider.value); // what the server says of earlier places is old
    draw(view.rest);
  };
  slider.onchange = () => {
    rest();
    view.known = view.place;
    view.report(view.place);
  };

  const shown = () => view.data.lists[view.place].map((place) => view.data.movies[place]);

  function rest() {
    const now = shown().map((movie) => movie.id);
    if (now.join() !== view.rest.join()) [view.before, view.rest] = [view.rest, now];
    draw(view.before);
  }

  function draw(before) {
    const movies = shown();
    drawMovies(find("movies"), movies, before);
    const gone = (before ?? []).filter((id) => !movies.some((movie) => movie.id === id));
    const titles = gone.slice(0, MOST_LEFT).map((id) => view.titles.get(id)).join(", ");
    const more = gone.length > MOST_LEFT ? ` and ${gone.length - MOST_LEFT} more` : "";
    find("left").textContent = gone.length ? `No longer shown: ${titles}${more}` : "";
    slider.setAttribute("aria-valuetext", view.data.names[view.place]);
    drawFigures();
  }

  function drawFigures() {
    const figures = view.data.figures ?? [];
    find("all-users").classList.toggle("waiting", !figures.length);
    if (!figures.length) return; // those of the model before stay, dimmed
    find("figures").replaceChildren(
      ...figures.map((figure) => {
        const box = element("div", "figure"), value = element("span", "value", figure.values[view.place]);
        box.title = figure.help;
        box.append(element("span", "name", figure.name), value);
        if (view.place) box.append(element("span", "compared", `by score ${figure.values[0]}`));
        return box;
      }),
    );
    find("of").textContent = view.data.of;
  }
  return view;
}

function drawMovies(list, movies, before) {
  const old = new Map();
  for (const row of list.children) old.set(row.dataset.id, row.getBoundingClientRect().top);
  list.replaceChildren(...movies.map((movie, i) => makeRow(movie, i + 1, before)));
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const row of list.children) {
    const was = old.get(row.dataset.id), now = row.getBoundingClientRect().top;
    if (was === undefined && old.size) {
      row.animate([{ opacity: 0 }, { opacity: 0 }, { opacity: 1 }], { duration: GLIDE + 200 });
    } else if (was !== undefined && was !== now) {
      // One passes in front of the other: what rises covers what falls, and both cover what is new.
      row.style.zIndex = was > now ? 2 : 1;
      row.animate([{ transform: `translateY(${was - now}px)` }, { transform: "none" }], {
        duration: GLIDE, easing: "ease-in-out",
      });
    }
  }
}

function makeRow(movie, rank, before) {
  const row = element("li", movie.watched ? "movie hit" : "movie");
  row.dataset.id = movie.id;
  const badges = element("span", "badges");
  if (before && !before.includes(movie.id)) badges.append(element("span", "badge new", "new"));
  if (movie.watched) badges.append(element("span", "badge watched", movie.watched));
  const title = element("span", "title", movie.title);
  title.title = movie.title;
  row.append(element("span", "rank", rank), title, badges, element("span", "stars", movie.stars));
  return row;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
