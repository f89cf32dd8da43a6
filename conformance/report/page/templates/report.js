"use strict";
(() => {
  const box = document.getElementById("filter");
  const only = document.getElementById("only");
  const found = document.getElementById("found");
  const checks = [...document.querySelectorAll("details.check")];
  const cells = new Map([...document.querySelectorAll(".cells a")].map((one) => [one.hash.slice(1), one]));
  const rows = [...document.querySelectorAll("tr.clause")];
  const known = new Map();
  const text = (one) => {
    if (!known.has(one)) known.set(one, one.textContent.toLowerCase());
    return known.get(one);
  };
  const apply = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (one) => words.length === 0 || words.every((word) => text(one).includes(word));
    let shown = 0;
    for (const one of checks) {
      const hide = !fits(one) || (only.value !== "" && one.dataset.verdict !== only.value);
      one.classList.toggle("hide", hide);
      const cell = cells.get(one.id);
      if (cell) cell.classList.toggle("hide", hide);
      shown += hide ? 0 : 1;
    }
    for (const one of rows) one.classList.toggle("hide", !fits(one));
    if (words.length) for (const one of document.querySelectorAll("details.register")) one.open = true;
    found.textContent = words.length || only.value ? `${shown} of ${checks.length}` : "";
  };
  const reveal = () => {
    const one = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!one) return;
    one.classList.remove("hide");
    for (let at = one; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    one.scrollIntoView();
  };
  box.addEventListener("input", apply);
  only.addEventListener("change", apply);
  addEventListener("hashchange", reveal);
  apply();
  reveal();
})();
