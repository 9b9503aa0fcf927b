// One person's list of movies. When the list changes, movies glide to their new places.
export default function ({ data, parentElement }) {
  const list = parentElement.querySelector(".movies");
  const before = new Map();
  for (const row of list.children) before.set(row.dataset.id, row.getBoundingClientRect().top);
  list.replaceChildren(...data.movies.map(makeRow));
  parentElement.querySelector(".left").textContent = data.left;
  if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const row of list.children) {
    const old = before.get(row.dataset.id), now = row.getBoundingClientRect().top;
    if (old === undefined && before.size) {
      row.animate([{ opacity: 0, transform: "translateX(12px)" }, { opacity: 1 }], { duration: 350 });
    } else if (old !== undefined && old !== now) {
      row.animate([{ transform: `translateY(${old - now}px)` }, { transform: "none" }], {
        duration: 350, easing: "ease-out",
      });
    }
  }
}

function makeRow(movie) {
  const row = document.createElement("li");
  row.className = movie.watched ? "movie hit" : "movie";
  row.dataset.id = movie.id;
  const badges = element("span", "badges");
  if (movie.entered) badges.append(element("span", "badge new", "new"));
  if (movie.watched) badges.append(element("span", "badge watched", movie.watched));
  const title = element("span", "title", movie.title);
  title.title = movie.title;
  row.append(element("span", "rank", movie.rank), title, badges, element("span", "stars", movie.stars));
  return row;
}

function element(tag, name, text = "") {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}
