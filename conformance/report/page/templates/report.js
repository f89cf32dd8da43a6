"use strict";
(async () => {
  const box = document.getElementById("filter");
  const only = document.getElementById("only");
  const found = document.getElementById("found");
  const checks = [...document.querySelectorAll("details.check")];
  const registers = [...document.querySelectorAll("details.register")];
  const cells = new Map([...document.querySelectorAll(".row .cells a")].map((one) => [one.hash.slice(1), one]));
  const unpack = async () => {
    const packed = document.getElementById("store");
    if (!packed) return {};
    const octets = Uint8Array.from(atob(packed.textContent), (one) => one.charCodeAt(0));
    const plain = new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(plain).text());
  };
  let store = {};
  const fill = (one) => {
    const inside = one.querySelector(":scope > .in");
    if (!inside || inside.childElementCount || !(one.id in store)) return;
    inside.innerHTML = store[one.id];
  };
  const known = new Map();
  const text = (one) => {
    if (!known.has(one)) {
      const words = one.id in store ? store[one.id].replace(/<[^>]*>/g, " ") : "";
      known.set(one, (one.textContent + words).toLowerCase());
    }
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
    if (words.length) {
      for (const one of registers) {
        fill(one);
        one.open = true;
      }
    }
    for (const one of document.querySelectorAll("tr.clause")) one.classList.toggle("hide", !fits(one));
    found.textContent = words.length || only.value ? `${shown} of ${checks.length}` : "";
  };
  const reveal = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    for (const one of registers) {
      if (name.startsWith(`clause-${one.id.replace("register-", "")}_`)) fill(one);
    }
    const one = document.getElementById(name);
    if (!one) return;
    one.classList.remove("hide");
    for (let at = one; at; at = at.parentElement) {
      if (at.tagName !== "DETAILS") continue;
      fill(at);
      at.open = true;
    }
    one.scrollIntoView();
  };
  let waiting = 0;
  box.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 150);
  });
  only.addEventListener("change", apply);
  addEventListener("hashchange", reveal);
  document.addEventListener("toggle", (event) => fill(event.target), true);
  reveal();
  try {
    store = await unpack();
  } catch (fault) {
    found.textContent = "this browser cannot unpack the boxes of checks that hold; the evidence lies in evidence/";
  }
  for (const one of document.querySelectorAll("details[open]")) fill(one);
  if (box.value || only.value) apply();
  reveal();
})();
