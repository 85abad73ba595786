// The state of every service, asked for again and again while somebody looks.

import { make } from "./parts.js";

const EVERY_MS = 3000;
const WAIT_MS = 5000;

/** Keep a list up to date with what the gateway knows of the services. */
export async function watchServices(list) {
  if (!document.hidden) {
    list.replaceChildren(...(await known()).map(serviceItem));
  }
  setTimeout(() => watchServices(list), EVERY_MS);
}

async function known() {
  try {
    const answer = await fetch("/estado", { signal: AbortSignal.timeout(WAIT_MS) });
    return (await answer.json()).services;
  } catch {
    return [{ name: "gateway", instances: [{ status: "down", checks: {} }] }];
  }
}

function serviceItem(service) {
  const item = make("li", {}, make("span", {}, service.name));
  item.append(...service.instances.map(instancePart));
  return item;
}

function instancePart(instance) {
  const bad = Object.keys(instance.checks ?? {}).filter((name) => instance.checks[name] !== "ok");
  const text = bad.length ? `${instance.status} (${bad.join(", ")} is away)` : instance.status;
  return make("span", { className: instance.status }, text);
}
