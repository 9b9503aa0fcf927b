// Back leads to what the person did before. Streamlit makes a step of the browser's history of every
// change of the URL, also of those that a page makes by itself: the run and the user it shows at
// first, what the session remembers. Without this, Back would first lead through all of these, and
// each of them would write the rest again.
const KEYS = 1500; // ms between two keys that belong together

export default function () {
  if (window.duetHistory) return; // once for all pages: it outlasts them
  window.duetHistory = true;
  let acted = false; // whether the person has done something since the last step
  let last = -Infinity, where = null; // when the last step by keys was, and the input they went to
  window.addEventListener("pointerdown", () => {
    acted = true;
    where = null;
  }, { capture: true, passive: true });
  window.addEventListener("keydown", ({ target }) => {
    acted = true;
    if (target !== where) last = -Infinity;
    where = target;
  }, { capture: true, passive: true });
  window.addEventListener("popstate", () => {
    acted = false;
    where = null;
  }, true);
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const to = new URL(url ?? "", location.href), same = to.pathname === location.pathname;
    if (to.href === location.href) return history.replaceState(state, title, url);
    // Keys that follow each other on a slider are one step.
    const goesOn = where && performance.now() - last < KEYS;
    if (where) last = performance.now();
    if (same && (!acted || goesOn)) return history.replaceState(state, title, url);
    acted = false;
    return push(state, title, url);
  };
}
