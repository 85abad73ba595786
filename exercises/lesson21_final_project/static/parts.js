// Small pieces of a page. Text only ever becomes text: what others have written must not run here.

export const $ = (selector) => document.querySelector(selector);

/** An element with properties and children; a string among the children becomes text. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A time as people here write it. */
export const written = (time) => new Date(time).toLocaleString();
