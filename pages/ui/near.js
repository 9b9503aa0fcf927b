// Says whether the section that it stands in is on the screen, or less than a quarter of a screen
// away from it.
const AROUND = "25% 0px";
const SETTLED = 300; // ms after which a section is near: what is only passed is not drawn
const PATIENCE = 1000; // ms for which a section stays near after it was
const AGAIN = 3000; // ms after which it is said again, if nothing has come of it

export default function ({ data, parentElement, setStateValue }) {
  const own = parentElement.host, section = own.closest(data.section) ?? own;
  // The page scrolls in this element: a margin around the window itself would be cut off by it.
  const root = document.querySelector("[data-testid=stMain]");
  let timer = null;
  const observer = new IntersectionObserver((changes) => {
    const near = changes.at(-1).isIntersecting;
    const say = () => {
      setStateValue("near", near);
      timer = setTimeout(say, AGAIN); // until the answer brings other data, and this ends
    };
    clearTimeout(timer);
    if (near !== data.near) timer = setTimeout(say, near ? SETTLED : PATIENCE);
  }, { root, rootMargin: AROUND });
  observer.observe(section);
  return () => {
    clearTimeout(timer);
    observer.disconnect();
  };
}
