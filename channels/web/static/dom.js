// One way to make an element. Text goes in as text, never as markup.

export function make(name, options = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "text") node.textContent = value;
    else if (key === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else node.setAttribute(key === "class_" ? "class" : key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Only addresses of the web become links.
export function link(address, text) {
  return /^https?:\/\//.test(address ?? "")
    ? make("a", { href: address, target: "_blank", rel: "noopener noreferrer", text })
    : make("span", { text });
}
